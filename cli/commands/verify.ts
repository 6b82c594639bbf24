import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import * as z from 'zod/mini';
import type { PublicKey } from '../../functions/crypto/signed-receipts.ts';
import type { Command, Input, Streams } from '../command.ts';
import { EXIT, UsageError } from '../command.ts';
import { createReceiptKeys } from '../context.ts';
import { environmentOf } from '../environment.ts';
import { inOrder } from '../map-concurrently.ts';
import { write } from '../terminal/output.ts';
import { startProgress } from '../terminal/progress.ts';
import { tableOf } from '../terminal/table.ts';
import type { Check, Checked } from '../verify/check-entry.ts';
import { checkLine } from '../verify/check-entry.ts';

const HELP = `relay verify: checks that nobody has changed what the ledger says was done

  relay verify [options] <file>                    what relay export has written, in JSON lines
  relay verify [options] -                         the same, from standard input

  --key <file>   the public keys (relay keys); with them it needs no AWS and no network. Left out, they are taken
                 from the "receipts" secret
  --address      checks the addresses, too: needs the "receipts" secret, which alone can hash them
  --json         a JSON object: {"proven", "open", "unsigned", "wrong"}
  --env <file>   KEY=value lines: RECEIPTS_SECRET and AWS_…, in place of those in the environment

Examples
  npm run -s relay -- verify --key keys.json ledger.jsonl
  npm run -s relay -- export --env .local/env | npm run -s relay -- verify --env .local/env --address -

Of each entry: is its receipt (a compact JWS, Ed25519) signed by one of the keys, and does the entry say what was signed? Signed
are id, source, kind, scope, brand, occurredAt, receivedAt, closedAt, state, reason, evidence, changed, lastStatus, correlationId and the
address's hash; not what led there (attempts, claimedAt, …). What is wrong is named by its line. That an entry was left out cannot be
seen. What could not be signed when it was closed is signed by the sweep within a day.
Exit codes: 0 all that is closed is proven, 1 some is not, or there is nothing, 2 called in a way it does not know.
`;

/** `relay verify`: checks an export against its receipts. */
export const verify: Command = { summary: 'checks that an export is as it was signed', help: HELP, run };

const OPTIONS = {
  key: { type: 'string' },
  address: { type: 'boolean' },
  json: { type: 'boolean' },
  env: { type: 'string' },
} as const;

const AT_ONCE = 64;

async function run(args: readonly string[], { stdin, stdout, stderr }: Streams): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw new UsageError('it takes one file, or - for standard input');
  const check = await checkWith(values);
  const lines = linesOf(file, stdin);
  const progress = startProgress(stderr, { isMoving: true, what: 'entries' });
  const counts: Record<Checked['result'], number> = { proven: 0, open: 0, unsigned: 0, wrong: 0 };
  const all = inOrder(lines.read(), AT_ONCE, ({ text, line }) => checkLine(text, line, check));
  for await (const { line, result, fault } of all) {
    counts[result] += 1;
    progress.step(lines.share());
    if (fault !== undefined) progress.say(`line ${line}: ${fault}`);
  }
  progress.end();
  const rows = Object.entries(counts).filter(([result, count]) => result === 'proven' || count > 0);
  await write([values.json ? `${JSON.stringify(counts)}\n` : tableOf({ rows })], { stdout });
  const isEmpty = Object.values(counts).every((count) => count === 0);
  if (isEmpty) stderr.write('There is no entry in it: has the export failed?\n');
  return isEmpty || counts.unsigned + counts.wrong > 0 ? EXIT.failed : EXIT.ok;
}

async function checkWith({ key, address, env }: { key?: string; address?: boolean; env?: string }): Promise<Check> {
  if (key !== undefined && !address) return { keys: keysIn(key) };
  const receipts = createReceiptKeys(environmentOf(env, 'RECEIPTS_SECRET').RECEIPTS_SECRET);
  const keys = key === undefined ? await receipts.publicKeys() : keysIn(key);
  return { keys, hashes: address ? receipts.hashes : undefined };
}

const keySet = z.object({
  keys: z.array(z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string(), kid: z.string() })),
});

function keysIn(file: string): readonly PublicKey[] {
  const text = readFileSync(file, 'utf8');
  try {
    return z.parse(keySet, JSON.parse(text)).keys;
  } catch {
    throw new UsageError(`${file} is no set of public keys, as relay keys writes it`);
  }
}

function linesOf(file: string, stdin: Input) {
  const size = file === '-' ? 0 : statSync(file).size;
  const source = file === '-' ? stdin : createReadStream(file);
  async function* read() {
    let line = 0;
    for await (const text of createInterface({ input: source, crlfDelay: Number.POSITIVE_INFINITY })) {
      line += 1;
      if (text.trim() !== '') yield { text, line };
    }
  }
  return { read, share: () => (size > 0 ? (source.bytesRead ?? 0) / size : undefined) };
}
