import type { Entry } from '../../functions/core/ledger/ledger.ts';
import { EXIT } from '../command.ts';
import { CONTEXT_ENV, createContext } from '../context.ts';
import { defineCommand, jsonOption, option } from '../define-command.ts';
import { timeOption } from '../input/times.ts';
import { jsonLines, write } from '../terminal/output.ts';
import { tableOf } from '../terminal/table.ts';
import { everyEntry } from './export.ts';

/** What became of an opt-out, by the name of its column. */
const COLUMNS = {
  optOuts: 'opt-outs',
  wouldChange: 'HubSpot did not know',
  alreadyKnown: 'HubSpot knew',
  superseded: 'opted in again',
  held: 'held',
  waiting: 'waiting or rejected',
  confirmed: 'confirmed',
} as const;

type Counts = Record<keyof typeof COLUMNS, number>;

export const report = defineCommand({
  name: 'report',
  summary: 'compares what was received with what HubSpot knew, by source',
  options: {
    since: option('time', 'opt-outs received at or after this time; default: seven days ago'),
    json: jsonOption(
      `{"source", ${Object.keys(COLUMNS)
        .map((name) => `"${name}"`)
        .join(', ')}}, one source a line`,
    ),
    env: CONTEXT_ENV,
  },
  examples: ['report --env .local/env', 'report --since 2026-11-23 --json'],
  notes: [
    'In observe mode, "HubSpot did not know" counts the opt-outs that nothing else had brought to HubSpot: live mode would have ' +
      'opted these people out. "HubSpot knew" counts those that HubSpot had recorded already. "held" waits for relay release.',
    'The report reads the whole ledger, page by page. It contains no addresses. Times without a zone are UTC.',
  ],
  async run({ values }, streams) {
    const since = timeOption('--since', values.since) ?? new Date(Date.now() - WEEK_MS);
    const { operatorLedger } = createContext(values.env);
    const bySource = new Map<string, Counts>();
    for await (const entry of everyEntry(operatorLedger))
      if (Date.parse(entry.receivedAt) >= since.getTime()) add(entry, bySource);
    const rows = [...bySource].toSorted(([, one], [, two]) => two.optOuts - one.optOuts);
    const lines = rows.map(([source, counts]) => ({ source, ...counts }));
    await write(values.json ? jsonLines(lines) : [textOf(rows)], streams);
    return EXIT.ok;
  },
});

const WEEK_MS = 7 * 86_400_000;

function add(entry: Entry, bySource: Map<string, Counts>): void {
  const counts = bySource.get(entry.source) ?? emptyCounts();
  counts.optOuts += 1;
  counts[columnOf(entry)] += 1;
  bySource.set(entry.source, counts);
}

function columnOf({ state, changed }: Entry): keyof Counts {
  if (state === 'observed') return changed ? 'wouldChange' : 'alreadyKnown';
  return state === 'open' || state === 'rejected' ? 'waiting' : state;
}

function emptyCounts(): Counts {
  return { optOuts: 0, wouldChange: 0, alreadyKnown: 0, superseded: 0, held: 0, waiting: 0, confirmed: 0 };
}

function textOf(rows: readonly (readonly [source: string, Counts])[]): string {
  if (rows.length === 0) return 'No opt-outs were received.\n';
  const cells = rows.map(([source, counts]) => [source, ...Object.values(counts)]);
  return tableOf({ head: ['source', ...Object.values(COLUMNS)], rows: cells });
}
