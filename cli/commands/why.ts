import { parseArgs } from 'node:util';
import type { Entry } from '../../functions/core/ledger/ledger.ts';
import { parseEmailAddress } from '../../functions/core/model/email-address.ts';
import { RelayError } from '../../functions/core/model/errors.ts';
import type { Command, Streams } from '../command.ts';
import { EXIT, UsageError } from '../command.ts';
import type { Context } from '../context.ts';
import { createContext } from '../context.ts';
import { meaningOf } from '../entries/explain.ts';
import { shown } from '../entries/fields.ts';
import { countOf, spanOf, timeOf } from '../terminal/format.ts';
import { write } from '../terminal/output.ts';
import { tableOf } from '../terminal/table.ts';

const HELP = `relay why: what is known of an address, from which source it came, what has become of it, and what to do

  relay why [options] <address>
  relay why [options] <id>       of one opt-out, by the whole optOutId that the log and the alarms have

  --json         a JSON object a line, with everything the ledger has
  --env <file>   KEY=value lines: LEDGER_TABLE, QUEUE_URL, RECEIPTS_SECRET and AWS_…, in place of those in the environment

Examples
  npm run -s relay -- why --env .local/env ada@example.com
  npm run -s relay -- why --json ada@example.com | jq .state
  npm run -s relay -- why cT2VaBUixmrJ29dW7hMvusHaOMb9E7eI_x937uEEgUE

The oldest stands first. An address that was forgotten is found, too: by its hash, with the keys of the "receipts" secret. An id that
begins with "-" stands behind "--".
Exit codes: 0 something is known, 1 nothing is, 2 called in a way it does not know.
`;

/** `relay why`: every entry of an address, in words. */
export const why: Command = { summary: 'what is known of an address, and what to do about it', help: HELP, run };

const OPTIONS = { json: { type: 'boolean' }, env: { type: 'string' } } as const;

async function run(args: readonly string[], { stdout, stderr }: Streams): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  const [address, ...more] = positionals;
  if (address === undefined || more.length > 0) throw new UsageError('it takes one address, or one id');
  const found = await entriesOf(address, createContext(values.env), stderr);
  const entries = found.toSorted((one, two) => one.receivedAt.localeCompare(two.receivedAt));
  if (entries.length === 0) {
    stderr.write('Nothing is known of it: no source has named it, or its entries are deleted.\n');
    return EXIT.failed;
  }
  const now = new Date();
  const all = values.json
    ? entries.map((entry) => `${JSON.stringify({ ...shown(entry), ...meaningOf(entry, now) })}\n`)
    : [`${countOf(entries.length, 'opt-out')}; times are UTC.\n`, ...tables(entries, stdout.columns)];
  await write(all, { stdout });
  return EXIT.ok;
}

const ID = /^[\w-]{43}$/;

async function entriesOf(text: string, { ledger, operatorLedger, receipts }: Context, stderr: Streams['stderr']) {
  if (ID.test(text)) return [await ledger.find(text)].filter((entry) => entry !== undefined);
  const email = parseEmailAddress(text);
  await receipts.hashes(email).catch((error: unknown) => {
    if (!(error instanceof RelayError)) throw error;
    stderr.write(`What is forgotten cannot be looked for: ${error.message}\n`);
  });
  return operatorLedger.about(email);
}

function tables(entries: readonly Entry[], columns: number | undefined): readonly string[] {
  const now = new Date();
  return entries.map((entry) => `\n${tableOf({ rows: factsOf(entry, now), columns })}`);
}

function factsOf(entry: Entry, now: Date): readonly (readonly [string, string])[] {
  const { means, next } = meaningOf(entry, now);
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['received', `${timeOf(entry.receivedAt)} from ${entry.source}`],
    ['asked for', askedFor(entry)],
    ['state', stateOf(entry)],
    ['means', means],
    ['to do', next],
    ['correlation id', entry.correlationId],
    ['receipt', entry.signedReceipt === undefined ? undefined : 'signed; relay export and relay verify check it'],
    ['id', entry.id],
  ];
  return facts.flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const]));
}

function askedFor({ kind, scope, brand, occurredAt, contactId }: Entry): string {
  const what = scope === 'all' ? 'all' : `subscription ${scope.list}`;
  const of = brand === undefined ? '' : ` of brand ${brand}`;
  const whom = contactId === undefined ? '' : `, for contact ${contactId}`;
  return `${kind} of ${what}${of}${whom}, which happened on ${timeOf(occurredAt)}`;
}

function stateOf({ state, evidence, closedAt, receivedAt }: Entry): string {
  const by = evidence === undefined ? '' : ` by ${evidence}`;
  if (closedAt === undefined) return state;
  return `${state}${by}, ${spanOf(Date.parse(closedAt) - Date.parse(receivedAt))} after it was received`;
}
