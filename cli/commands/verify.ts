import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import * as z from 'zod/mini';
import type { PublicKey } from '../../functions/crypto/signed-receipts.ts';
import type { Input, Streams } from '../command.ts';
import { EXIT, UsageError } from '../command.ts';
import { createReceiptKeys } from '../context.ts';
import type { Parsed } from '../define-command.ts';
import { defineCommand, envOption, flag, jsonOption, option, soleArgument } from '../define-command.ts';
import { requireEnvironment } from '../environment.ts';
import { mapConcurrently } from '../map-concurrently.ts';
import { write } from '../terminal/output.ts';
import { startProgress } from '../terminal/progress.ts';
import { tableOf } from '../terminal/table.ts';
import type { LineCheck, VerificationKeys } from '../verify/check-entry.ts';
import { checkLine } from '../verify/check-entry.ts';

const OPTIONS = {
  key: option(
    'file',
    'public keys from relay keys; no AWS access is needed then. Default: those of the "receipts" secret',
  ),
  address: flag('also check each address against its hash; needs the "receipts" secret'),
  json: jsonOption('{"proven", "open", "unsigned", "wrong"}'),
  env: envOption('RECEIPTS_SECRET'),
} as const;

export const verify = defineCommand({
  name: 'verify',
  summary: 'checks an export against its signed receipts',
  usage: [
    ['<file>', 'a JSON Lines file from relay export'],
    ['-', 'the same from standard input'],
  ],
  options: OPTIONS,
  examples: [
    'verify --key keys.json ledger.jsonl',
    'export --env .local/env | npx relay verify --env .local/env --address -',
  ],
  notes: [
    "For each entry, it checks that one of the keys signed the receipt (a compact JWS, Ed25519) and that the entry's fields match " +
      'the receipt. The signed fields are id, source, kind, scope, brand, occurredAt, receivedAt, closedAt, state, reason, ' +
      'evidence, changed, lastStatus, correlationId and the hash of the address. Other fields (attempts, claimedAt, …) are not ' +
      'signed.',
    'A mismatch is reported by its line. A missing entry cannot be detected. If an entry could not be signed when it was ' +
      'completed, the sweep signs it within a day.',
  ],
  failure: 'a completed entry is not proven, the input is empty, or it failed',
  run,
});

const CONCURRENCY = 64;

async function run({ values, positionals }: Parsed<typeof OPTIONS>, streams: Streams): Promise<number> {
  const { stdin, stdout, stderr } = streams;
  const file = soleArgument(positionals, 'one file, or - for standard input');
  const verification = await verificationKeys(values);
  const lines = linesOf(file, stdin);
  const progress = startProgress(stderr, { isShown: true, noun: 'entries' });
  const counts: Record<LineCheck['result'], number> = { proven: 0, open: 0, unsigned: 0, wrong: 0 };
  const check = ({ text, line }: Line) => checkLine(text, line, verification);
  for await (const { line, result, fault } of mapConcurrently(lines.read(), CONCURRENCY, check)) {
    counts[result] += 1;
    progress.step(lines.share());
    if (fault !== undefined) progress.print(`line ${line}: ${fault}`);
  }
  progress.end();
  const rows = Object.entries(counts).filter(([result, count]) => result === 'proven' || count > 0);
  await write([values.json ? `${JSON.stringify(counts)}\n` : tableOf({ rows })], { stdout });
  const isEmpty = Object.values(counts).every((count) => count === 0);
  if (isEmpty) stderr.write('The input has no entries. Did the export fail?\n');
  return isEmpty || counts.unsigned + counts.wrong > 0 ? EXIT.failed : EXIT.ok;
}

async function verificationKeys({ key, address, env }: Parsed<typeof OPTIONS>['values']): Promise<VerificationKeys> {
  if (key !== undefined && !address) return { keys: readPublicKeys(key) };
  const receipts = createReceiptKeys(requireEnvironment(env, 'RECEIPTS_SECRET').RECEIPTS_SECRET);
  const keys = key === undefined ? await receipts.publicKeys() : readPublicKeys(key);
  return { keys, hashes: address ? receipts.hashes : undefined };
}

const keySet = z.object({
  keys: z.array(z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string(), kid: z.string() })),
});

function readPublicKeys(file: string): readonly PublicKey[] {
  const text = readFileSync(file, 'utf8');
  try {
    return z.parse(keySet, JSON.parse(text)).keys;
  } catch {
    throw new UsageError(`${file} is not a key set written by relay keys`);
  }
}

interface Line {
  readonly line: number;
  readonly text: string;
}

function linesOf(file: string, stdin: Input) {
  const size = file === '-' ? 0 : statSync(file).size;
  const source = file === '-' ? stdin : createReadStream(file);
  async function* read(): AsyncGenerator<Line> {
    let line = 0;
    for await (const text of createInterface({ input: source, crlfDelay: Number.POSITIVE_INFINITY })) {
      line += 1;
      if (text.trim() !== '') yield { line, text };
    }
  }
  return { read, share: () => (size > 0 ? (source.bytesRead ?? 0) / size : undefined) };
}
