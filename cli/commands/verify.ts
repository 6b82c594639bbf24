import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import type { PublicKey } from '../../functions/crypto/signed-receipts.ts';
import type { Streams } from '../command.ts';
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
import type { Line } from '../verify/input.ts';
import { openEntries } from '../verify/input.ts';

const OPTIONS = {
  key: option(
    'file',
    'public keys from relay keys; no AWS access is needed then. Default: those in a proof, or of the "receipts" secret',
  ),
  address: flag('also check each address against its hash; needs the "receipts" secret'),
  json: jsonOption('{"proven", "open", "unsigned", "wrong"}'),
  env: envOption('RECEIPTS_SECRET'),
} as const;

export const verify = defineCommand({
  name: 'verify',
  summary: 'checks an export or a proof against its signed receipts',
  usage: [
    ['<file>', 'a JSON Lines file from relay export, or a file from relay proof'],
    ['-', 'an export from standard input'],
  ],
  options: OPTIONS,
  examples: [
    'verify --key keys.json ledger.jsonl',
    'export --env .local/env | npx relay verify --env .local/env --address -',
  ],
  notes: [
    "For each entry, it checks that one of the keys signed the receipt (a compact JWS, Ed25519) and that the entry's fields match " +
      'the receipt. The signed fields are id, source, kind, scope, brand, occurredAt, receivedAt, closedAt, state, reason, ' +
      'evidence, changed, businessUnits, kept, unchecked, lastStatus, correlationId, resolvedAt, note and the hash of the address. ' +
      'Other fields (attempts, claimedAt, …) are not signed.',
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
  const entries = openEntries(file, stdin);
  if (entries.keys !== undefined && values.key === undefined) stderr.write(`${OWN_KEYS}\n`);
  const verification = await verificationKeys(values, entries.keys);
  const progress = startProgress(stderr, { isShown: true, noun: 'entries' });
  const counts: Record<LineCheck['result'], number> = { proven: 0, open: 0, unsigned: 0, wrong: 0 };
  const check = ({ text, line }: Line) => checkLine(text, line, verification);
  for await (const { line, result, fault } of mapConcurrently(entries.read(), CONCURRENCY, check)) {
    counts[result] += 1;
    progress.step(entries.share());
    if (fault !== undefined) progress.print(`${entries.noun} ${line}: ${fault}`);
  }
  progress.end();
  const rows = Object.entries(counts).filter(([result, count]) => result === 'proven' || count > 0);
  await write([values.json ? `${JSON.stringify(counts)}\n` : tableOf({ rows })], { stdout });
  const isEmpty = Object.values(counts).every((count) => count === 0);
  if (isEmpty) stderr.write('The input has no entries. Did the export fail?\n');
  return isEmpty || counts.unsigned + counts.wrong > 0 ? EXIT.failed : EXIT.ok;
}

const OWN_KEYS = 'The keys are those in the file itself. To check that they are the keys of the relay, add --key.';

async function verificationKeys(
  { key, address, env }: Parsed<typeof OPTIONS>['values'],
  keysOfProof: unknown,
): Promise<VerificationKeys> {
  const given = key === undefined ? keysIn(keysOfProof) : readPublicKeys(key);
  if (given && !address) return { keys: given };
  const receipts = createReceiptKeys(requireEnvironment(env, 'RECEIPTS_SECRET').RECEIPTS_SECRET);
  const keys = given ?? (await receipts.publicKeys());
  return { keys, hashes: address ? receipts.hashes : undefined };
}

function keysIn(keys: unknown): readonly PublicKey[] | undefined {
  return keys === undefined ? undefined : parsePublicKeys({ keys }, 'the proof');
}

const keySet = z.object({
  keys: z.array(z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string(), kid: z.string() })),
});

function readPublicKeys(file: string): readonly PublicKey[] {
  const text = readFileSync(file, 'utf8');
  try {
    return parsePublicKeys(JSON.parse(text), file);
  } catch (error) {
    throw error instanceof SyntaxError ? new UsageError(`${file} ${NO_KEYS}`) : error;
  }
}

const NO_KEYS = 'is not a key set written by relay keys';

function parsePublicKeys(json: unknown, where: string): readonly PublicKey[] {
  const { data } = z.safeParse(keySet, json);
  if (data === undefined) throw new UsageError(`${where} ${NO_KEYS}`);
  return data.keys;
}
