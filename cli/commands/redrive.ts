import type { Entry } from '../../functions/core/ledger/ledger.ts';
import type { Streams } from '../command.ts';
import { EXIT } from '../command.ts';
import { CONTEXT_ENV, createContext } from '../context.ts';
import type { Parsed } from '../define-command.ts';
import { defineCommand, flag, jsonOption, option, YES } from '../define-command.ts';
import { exportedEntry } from '../entries/fields.ts';
import { listingOf } from '../entries/listing.ts';
import { createDeadLetters, DEAD_LETTERS, deadLettersUrlOf } from '../queue/dead-letters.ts';
import type { MessageStatus, RedrivePlan } from '../queue/redrive-plan.ts';
import { executePlan, planRedrive } from '../queue/redrive-plan.ts';
import { confirm } from '../terminal/confirm.ts';
import { formatCount } from '../terminal/format.ts';
import { jsonLines, write } from '../terminal/output.ts';
import { tableOf } from '../terminal/table.ts';

const OPTIONS = {
  source: option('name', 'only from this source'),
  'dry-run': flag('show what would be done, list the rejected opt-outs, and change nothing'),
  yes: YES,
  'dead-letters': DEAD_LETTERS,
  json: jsonOption('{"what", "count"}, one object a line; with --dry-run, followed by the rejected opt-outs'),
  env: CONTEXT_ENV,
} as const;

export const redrive = defineCommand({
  name: 'redrive',
  summary: 'retries dead letters and rejected opt-outs',
  usage: [
    ['', 'all of them'],
    ['<id…>', 'these rejected opt-outs; the first six characters of an id are enough'],
  ],
  options: OPTIONS,
  examples: ['redrive --env .local/env --dry-run', 'redrive --source sendgrid --yes'],
  notes: [
    'Fix the cause first. HubSpot would reject the same call again, and wants at most one call in twenty to fail.',
    'The ledger decides what happens to a dead letter. If its opt-out was completed, the message is deleted. If the opt-out is ' +
      'open or was never attempted, the message goes back to the queue. A message that this relay did not write stays, and ' +
      'the exit code is 1.',
    'A newer opt-in wins: unless an opt-out is fresh, HubSpot is asked first whether the person has opted in since.',
    'Put "--" before an id that begins with "-".',
  ],
  failure: 'some messages were left or skipped, or it failed',
  run,
});

async function run({ values, positionals: ids }: Parsed<typeof OPTIONS>, streams: Streams): Promise<number> {
  const isDry = values['dry-run'] ?? false;
  const context = createContext(values.env);
  const url = values['dead-letters'] ?? (await deadLettersUrlOf(context));
  const ports = { ...context, deadLetters: createDeadLetters(context.sqs, url) };
  try {
    const plan = await planRedrive({ ids, source: values.source }, ports);
    const counts = countsIn(plan);
    const count = counts.reduce((sum, { what, count }) => (what === 'unknown' ? sum : sum + count), 0);
    const change = { count, noun: 'message', isConfirmed: isDry || values.yes };
    if (!(await confirm(change, streams))) return EXIT.failed;
    const skipped = isDry ? 0 : await executePlan(plan, ports);
    const listed = isDry ? plan.rejected : [];
    const report = { counts, listed, isDry, skipped, columns: streams.stdout.columns };
    await write(values.json ? jsonLines([...counts, ...listed.map(exportedEntry)]) : textOf(report), streams);
    return skipped > 0 || counts.some(({ what }) => what === 'unknown') ? EXIT.failed : EXIT.ok;
  } finally {
    await ports.deadLetters.returnAll();
  }
}

const TEXTS: Readonly<Record<MessageStatus | 'rejected', readonly [what: string, action: string]>> = {
  unattempted: ['dead letter, never attempted', 'sent to the queue'],
  open: ['dead letter, still open', 'sent to the queue again'],
  closed: ['dead letter, already completed', 'deleted'],
  unknown: ['dead letter, not written by this relay', 'left: inspect it in the SQS console'],
  rejected: ['rejected by HubSpot', 'reopened and sent to the queue'],
};

interface Count {
  readonly what: keyof typeof TEXTS;
  readonly count: number;
}

function countsIn({ messages, rejected }: RedrivePlan): readonly Count[] {
  const all = [...messages.map(({ status }) => status), ...rejected.map(() => 'rejected')];
  const counts = (Object.keys(TEXTS) as Count['what'][]).map((what) => ({
    what,
    count: all.filter((each) => each === what).length,
  }));
  return counts.filter(({ count }) => count > 0);
}

interface Report {
  readonly counts: readonly Count[];
  readonly listed: readonly Entry[];
  readonly isDry: boolean;
  /** Rejected opt-outs that were not retried. */
  readonly skipped: number;
  readonly columns: number | undefined;
}

function textOf({ counts, listed, isDry, skipped, columns }: Report): readonly string[] {
  if (counts.length === 0) return ['There are no dead letters and no rejected opt-outs.\n'];
  const head = ['what', 'count', isDry ? 'would be' : 'was'];
  const rows = counts.map(({ what, count }) => [TEXTS[what][0], count, TEXTS[what][1]]);
  return [
    tableOf({ head, rows }),
    ...(listed.length > 0 ? [listingOf(listed, columns)] : []),
    ...(skipped > 0
      ? [`${formatCount(skipped, 'rejected opt-out')} skipped: changed or erased in the meantime.\n`]
      : []),
    ...(isDry ? ['Nothing was changed. To do this, run it without --dry-run.\n'] : []),
  ];
}
