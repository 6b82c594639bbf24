import type { Entry } from '../../functions/core/ledger/ledger.ts';
import { EXIT } from '../command.ts';
import { CONTEXT_ENV, createContext } from '../context.ts';
import { defineCommand, jsonOption, soleArgument } from '../define-command.ts';
import { explain } from '../entries/explain.ts';
import { exportedEntry } from '../entries/fields.ts';
import { findEntries } from '../entries/find.ts';
import { formatCount, formatDuration, formatTime } from '../terminal/format.ts';
import { jsonLines, write } from '../terminal/output.ts';
import { tableOf } from '../terminal/table.ts';

export const why = defineCommand({
  name: 'why',
  summary: "shows an address's opt-outs: source, state and next step",
  usage: [
    ['<address>', 'all opt-outs of an address, oldest first'],
    ['<id>', 'one opt-out, by the optOutId of a log line or alarm'],
  ],
  options: { json: jsonOption('one object a line, with every ledger field'), env: CONTEXT_ENV },
  examples: [
    'why --env .local/env ada@example.com',
    'why --json ada@example.com | jq .state',
    'why cT2VaBUixmrJ29dW7hMvusHaOMb9E7eI_x937uEEgUE',
  ],
  notes: [
    'It also finds the entries of an erased address, by its hash; this needs the keys of the "receipts" secret. Put "--" before ' +
      'an id that begins with "-".',
  ],
  failure: 'no opt-out found, or it failed',
  async run({ values, positionals }, { stdout, stderr }) {
    const argument = soleArgument(positionals, 'one address or one id');
    const entries = await findEntries(argument, createContext(values.env), stderr);
    if (entries.length === 0) return EXIT.failed;
    const now = new Date();
    const report = values.json
      ? jsonLines(entries.map((entry) => ({ ...exportedEntry(entry), ...explain(entry, now) })))
      : [
          `${formatCount(entries.length, 'opt-out')}; times are in UTC.\n`,
          ...entries.map((entry) => `\n${tableOf({ rows: factsOf(entry, now), columns: stdout.columns })}`),
        ];
    await write(report, { stdout });
    return EXIT.ok;
  },
});

function factsOf(entry: Entry, now: Date): readonly (readonly [string, string])[] {
  const { meaning, next } = explain(entry, now);
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['received', `${formatTime(entry.receivedAt)} from ${entry.source}`],
    ['request', requestText(entry)],
    ['state', stateText(entry)],
    ['meaning', meaning],
    ['next step', next],
    ['correlation id', entry.correlationId],
    ['receipt', entry.signedReceipt === undefined ? undefined : 'signed; to hand it out: relay proof'],
    ['id', entry.id],
  ];
  return facts.flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const]));
}

function requestText({ kind, scope, brand, occurredAt, contactId }: Entry): string {
  const parts = [
    kind,
    scope === 'all' ? 'all subscriptions' : `subscription ${scope.list}`,
    brand === undefined ? [] : `brand ${brand}`,
    contactId === undefined ? [] : `contact ${contactId}`,
    `occurred ${formatTime(occurredAt)}`,
  ];
  return parts.flat().join(', ');
}

function stateText({ state, evidence, closedAt, receivedAt }: Entry): string {
  const proof = evidence === undefined ? '' : ` (evidence: ${evidence})`;
  if (closedAt === undefined) return state;
  return `${state}${proof}, ${formatDuration(Date.parse(closedAt) - Date.parse(receivedAt))} after it was received`;
}
