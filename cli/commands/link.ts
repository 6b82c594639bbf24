import { resolve } from 'node:path';
import type { Common } from '../../functions/core/links/issue-links.ts';
import { commonOf } from '../../functions/core/links/issue-links.ts';
import type { ReadyLink } from '../../functions/core/links/list-unsubscribe.ts';
import { isCallerError, Unreadable } from '../../functions/core/model/errors.ts';
import { relayConfig } from '../../relay.config.ts';
import type { Input, Streams } from '../command.ts';
import { EXIT, UsageError } from '../command.ts';
import type { Parsed } from '../define-command.ts';
import { defineCommand, envOption, jsonOption, OUTPUT, option } from '../define-command.ts';
import type { AddressList, Row } from '../input/addresses.ts';
import { argumentList, standardInput } from '../input/addresses.ts';
import type { InvalidLines } from '../input/csv-file.ts';
import { invalidLinesText } from '../input/csv-file.ts';
import { COLUMN, DELIMITER, openList } from '../input/list-file.ts';
import { formatOf } from '../link/formats.ts';
import type { SealAddress } from '../link/seal.ts';
import { createSealAddress } from '../link/seal.ts';
import { mapConcurrently } from '../map-concurrently.ts';
import { formatCount } from '../terminal/format.ts';
import { write } from '../terminal/output.ts';
import { startProgress } from '../terminal/progress.ts';

const OPTIONS = {
  csv: option('file', 'a CSV file whose first row names the columns'),
  column: COLUMN,
  delimiter: DELIMITER,
  lang: option('tag', "the page's language, such as de or pt-BR; default: the reader's own"),
  brand: option('name', 'a brand of relay.config.ts'),
  'expires-in-days': option('n', '1 to 36500; default: never'),
  json: jsonOption('{"line", "url", "headers"}, one object a line'),
  output: OUTPUT,
  env: envOption('PUBLIC_URL', 'LINKS_SECRET'),
} as const;

type Values = Parsed<typeof OPTIONS>['values'];

export const link = defineCommand({
  name: 'link',
  summary: 'creates sealed unsubscribe links and their mail headers',
  usage: [
    ['<address…>', 'for these addresses'],
    ['< addresses.txt', 'for standard input, an address a line'],
    ['--csv <file>', 'for a CSV file; adds three columns to its rows'],
  ],
  options: OPTIONS,
  examples: [
    'link --env .local/env ada@example.com',
    'link --lang de --json ada@example.com grace@example.com',
    'link --csv contacts.csv --column "E-mail" --output links.csv',
  ],
  notes: [
    'An invalid address is reported by its line on standard error, and the others get their links. A link without an expiry works ' +
      'as long as its key is in the "links" secret.',
  ],
  failure: 'an address got no link, or it failed',
  run,
});

async function run({ values, positionals }: Parsed<typeof OPTIONS>, streams: Streams): Promise<number> {
  const { stdin, stdout, stderr } = streams;
  if (values.csv === undefined && positionals.length === 0 && stdin.isTTY) throw new UsageError('expected an address');
  checkOptions(values, positionals);
  const common = commonFrom(values);
  const seal = await createSealAddress(values.env);
  const progress = startProgress(stderr, { isShown: values.output !== undefined || !stdout.isTTY, noun: 'addresses' });
  let failed = 0;
  const fail = (line: number, reason: string) => {
    failed += 1;
    progress.print(`line ${line}: ${reason}`);
  };
  const onInvalid = (lines: InvalidLines) => fail(lines.line, invalidLinesText(lines));
  const list = await listOf(values, positionals, { stdin, onInvalid });
  const format = formatOf(values, list.columns);
  let count = 0;
  async function* texts() {
    yield format.head;
    for await (const result of mapConcurrently(list.rows, CONCURRENCY, (row) => sealRow(row, common, seal))) {
      progress.step(list.share());
      if ('error' in result) {
        fail(result.row.line, result.error);
        continue;
      }
      count += 1;
      yield format.row(result.row, result.link);
    }
  }
  await write(texts(), { file: values.output, stdout }).finally(progress.end);
  if (failed > 0 || values.output !== undefined)
    progress.print(`${formatCount(count, 'link')} created, ${failed} failed`);
  return failed > 0 ? EXIT.failed : EXIT.ok;
}

/** Enough to keep every core busy with encryption. */
const CONCURRENCY = 64;

type SealedRow = { readonly row: Row; readonly link: ReadyLink } | { readonly row: Row; readonly error: string };

async function sealRow(row: Row, common: Common, seal: SealAddress): Promise<SealedRow> {
  try {
    return { row, link: await seal(row.email, common) };
  } catch (error) {
    if (!isCallerError(error)) throw error;
    return { row, error: error.message };
  }
}

function checkOptions({ csv, column, delimiter, output }: Values, addresses: readonly string[]): void {
  const isCsv = csv !== undefined;
  const mistakes: readonly (readonly [boolean, string])[] = [
    [isCsv && addresses.length > 0, 'expected either --csv or addresses, not both'],
    [!isCsv && (column ?? delimiter) !== undefined, '--column and --delimiter need --csv'],
    [isCsv && output !== undefined && resolve(csv) === resolve(output), '--output would overwrite the --csv file'],
  ];
  const [, message] = mistakes.find(([isMade]) => isMade) ?? [];
  if (message) throw new UsageError(message);
}

function commonFrom({ brand, lang, 'expires-in-days': days }: Values): Common {
  const expiresInDays = days === undefined || !/^\d+$/.test(days) ? days : Number(days);
  const brands = Object.keys(relayConfig.businessUnitIds);
  try {
    return commonOf({ brand, lang, expiresInDays }, { brands, now: new Date() });
  } catch (error) {
    throw error instanceof Unreadable ? new UsageError(error.message) : error;
  }
}

async function listOf(
  { csv, column, delimiter }: Values,
  addresses: readonly string[],
  { stdin, onInvalid }: { readonly stdin: Input; readonly onInvalid: (lines: InvalidLines) => void },
): Promise<AddressList> {
  if (csv !== undefined) return openList({ file: csv, column, delimiter, onInvalid });
  return addresses.length > 0 ? argumentList(addresses) : standardInput(stdin);
}
