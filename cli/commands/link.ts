import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Common } from '../../functions/core/links/issue-links.ts';
import { commonOf } from '../../functions/core/links/issue-links.ts';
import type { ReadyLink } from '../../functions/core/links/list-unsubscribe.ts';
import { isCallerError, Unreadable } from '../../functions/core/model/errors.ts';
import { relayConfig } from '../../relay.config.ts';
import type { Command, Input, Streams } from '../command.ts';
import { EXIT, UsageError } from '../command.ts';
import type { AddressList, Broken, Row } from '../input/addresses.ts';
import { argumentList, brokenWords, csvList, standardInput } from '../input/addresses.ts';
import { formatOf } from '../link/formats.ts';
import type { SealAddress } from '../link/seal.ts';
import { createSealAddress } from '../link/seal.ts';
import { inOrder } from '../map-concurrently.ts';
import { write } from '../terminal/output.ts';
import { startProgress } from '../terminal/progress.ts';

const HELP = `relay link: seals unsubscribe links, and gives the two headers that offer them to mail clients

  relay link [options] <address…>                  the addresses
  relay link [options] < addresses.txt             one a line
  relay link [options] --csv <file>                one a row; the row comes out with three more columns

  --csv <file>             a CSV file whose first row names the columns
  --column <name>          the column with the address (email)
  --delimiter <character>  what stands between the file's cells (,)
  --lang <tag>             the page's language: de, pt-BR; left out, the reader's own
  --brand <name>           a brand of relay.config.ts
  --expires-in-days <n>    1 to 36500; left out, never
  --json                   a JSON object a line: {"line", "url", "headers"}
  --output <file>          instead of standard output; a new file only its owner can read
  --env <file>             KEY=value lines: PUBLIC_URL, LINKS_SECRET and AWS_…, in place of those in the environment

Examples
  npm run -s relay -- link --env .local/env ada@example.com
  npm run -s relay -- link --lang de --json ada@example.com grace@example.com
  npm run -s relay -- link --csv contacts.csv --column "E-mail" --output links.csv

An address that cannot be read is named by its line on standard error, and the rest goes on. A link without an expiry
works for as long as its key is in the "links" secret.
Exit codes: 0 a link for every address, 1 some have none, 2 called in a way it does not know.
`;

/** `relay link`: sealed links with the keys of the `links` secret, from arguments, standard input or a CSV column. */
export const link: Command = { summary: 'seals unsubscribe links for addresses', help: HELP, run };

const OPTIONS = {
  csv: { type: 'string' },
  column: { type: 'string' },
  delimiter: { type: 'string' },
  lang: { type: 'string' },
  brand: { type: 'string' },
  'expires-in-days': { type: 'string' },
  json: { type: 'boolean' },
  output: { type: 'string' },
  env: { type: 'string' },
} as const;

type Values = ReturnType<typeof parse>['values'];

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
}

async function run(args: readonly string[], { stdin, stdout, stderr }: Streams): Promise<number> {
  const { values, positionals } = parse(args);
  if (values.csv === undefined && positionals.length === 0 && stdin.isTTY) throw new UsageError('there is no address');
  checkTogether(values, positionals);
  const common = commonFrom(values);
  const seal = await createSealAddress(values.env);
  const isMoving = values.output !== undefined || !stdout.isTTY;
  const progress = startProgress(stderr, { isMoving, what: 'addresses' });
  let failed = 0;
  const fail = (line: number, reason: string) => {
    failed += 1;
    progress.say(`line ${line}: ${reason}`);
  };
  const list = await listOf(values, positionals, {
    stdin,
    onBroken: (broken) => fail(broken.line, brokenWords(broken)),
  });
  const format = formatOf(values, list.columns);
  let count = 0;
  async function* texts() {
    yield format.head;
    for await (const done of inOrder(list.rows, AT_ONCE, (row) => made(row, common, seal))) {
      progress.step(list.share());
      if ('error' in done) {
        fail(done.row.line, done.error);
        continue;
      }
      count += 1;
      yield format.row(done.row, done.ready);
    }
  }
  await write(texts(), { file: values.output, stdout }).finally(progress.end);
  if (failed > 0 || values.output !== undefined) progress.say(`${count} links; ${failed} without one`);
  return failed > 0 ? EXIT.failed : EXIT.ok;
}

/** So many at once keep every core at the cipher. */
const AT_ONCE = 64;

type Made = { readonly row: Row; readonly ready: ReadyLink } | { readonly row: Row; readonly error: string };

async function made(row: Row, common: Common, seal: SealAddress): Promise<Made> {
  try {
    return { row, ready: await seal(row.email, common) };
  } catch (error) {
    if (!isCallerError(error)) throw error;
    return { row, error: error.message };
  }
}

function checkTogether({ csv, column, delimiter, output }: Values, addresses: readonly string[]): void {
  const isCsv = csv !== undefined;
  const wrong: readonly (readonly [boolean, string])[] = [
    [isCsv && addresses.length > 0, 'addresses come from --csv or as arguments, not both'],
    [!isCsv && (column ?? delimiter) !== undefined, '--column and --delimiter need --csv'],
    [delimiter !== undefined && delimiter.length !== 1, '--delimiter is not one character'],
    [isCsv && output !== undefined && resolve(csv) === resolve(output), '--output would overwrite what --csv reads'],
  ];
  const found = wrong.find(([is]) => is);
  if (found) throw new UsageError(found[1]);
}

function commonFrom({ brand, lang, 'expires-in-days': days }: Values): Common {
  const expiresInDays = days === undefined || !/^\d+$/.test(days) ? days : Number(days);
  try {
    return commonOf(
      { brand, lang, expiresInDays },
      { brands: Object.keys(relayConfig.businessUnitIds), now: new Date() },
    );
  } catch (error) {
    throw error instanceof Unreadable ? new UsageError(error.message) : error;
  }
}

async function listOf(
  { csv, column = 'email', delimiter = ',' }: Values,
  addresses: readonly string[],
  { stdin, onBroken }: { readonly stdin: Input; readonly onBroken: (broken: Broken) => void },
): Promise<AddressList> {
  if (csv !== undefined) return csvList({ file: csv, column, delimiter, onBroken });
  return addresses.length > 0 ? argumentList(addresses) : standardInput(stdin);
}
