import type { Entry } from '../../functions/core/ledger/ledger.ts';
import type { OperatorLedger } from '../../functions/core/ledger/operator-ledger.ts';
import type { Unfinished } from '../../functions/core/model/state.ts';
import { EXIT } from '../command.ts';
import { CONTEXT_ENV, createContext } from '../context.ts';
import { defineCommand, jsonOption } from '../define-command.ts';
import { DEAD_LETTERS, deadLettersUrlOf } from '../queue/dead-letters.ts';
import type { Depth, QueueCounts } from '../queue/depth.ts';
import { readDepth, separateWaiting } from '../queue/depth.ts';
import { formatDuration } from '../terminal/format.ts';
import { jsonLines, write } from '../terminal/output.ts';
import { tableOf } from '../terminal/table.ts';

export const status = defineCommand({
  name: 'status',
  summary: 'shows unfinished opt-outs, their deadlines and the queue',
  options: {
    'dead-letters': DEAD_LETTERS,
    json: jsonOption(
      'one object a line for each state and source, then {"queue": {"visible", "inFlight", "waiting", "delayed", "dead"}}',
    ),
    env: CONTEXT_ENV,
  },
  examples: ['status --env .local/env', `status --json | jq -s 'map(select(.isOverdue))'`],
  notes: [
    '"open" is retried automatically. "held" waits for relay release or relay discard. The deadline of both is 48 hours after ' +
      'they were received. "rejected" has no deadline: HubSpot does not accept the opt-out until the cause is fixed and relay ' +
      'redrive retries it, or you opt the person out by hand and close it with relay resolve.',
    '"last response" is the response of HubSpot to most of them, "next attempt" is when the first one is due. Messages "in flight" are ' +
      'being processed; those "waiting" are invisible on the queue until their next attempt.',
  ],
  failure: 'an opt-out is overdue, or it failed',
  async run({ values }, { stdout }) {
    const context = createContext(values.env);
    const { operatorLedger, sqs, queueUrl, bulkQueueUrl } = context;
    const now = new Date();
    const deadLettersUrl = values['dead-letters'] ?? (await deadLettersUrlOf(context));
    const [open, held, rejected, depth] = await Promise.all([
      countBySource('open', operatorLedger, now),
      countBySource('held', operatorLedger, now),
      countBySource('rejected', operatorLedger, now),
      readDepth(sqs, [queueUrl, bulkQueueUrl], deadLettersUrl),
    ]);
    const backlog = [...open, ...held, ...rejected];
    const waiting = backlog.reduce((sum, each) => sum + (each.waiting ?? 0), 0);
    const queue = separateWaiting(depth, waiting);
    const report = [backlogTable(backlog, now), queueTable(queue), ...hints(backlog, queue)];
    await write(values.json ? jsonLines([...backlog, { queue }]) : report, { stdout });
    return backlog.some(({ isOverdue }) => isOverdue) ? EXIT.failed : EXIT.ok;
  },
});

/** The unfinished opt-outs of one source in one state. */
interface Backlog {
  readonly state: Unfinished;
  readonly source: string;
  readonly count: number;
  readonly oldestReceivedAt: string;
  /** Always false for rejected opt-outs. */
  readonly isOverdue: boolean;
  /** How many wait for their next attempt. Only of open opt-outs. */
  readonly waiting?: number;
  /** When the first of those attempts is due. */
  readonly nextAttemptAt?: string;
  /** HubSpot's last response to most of them, such as `429 RATE_LIMITS`. Absent if it has not responded. */
  readonly lastResponse?: string;
}

const DEADLINE_MS = 48 * 3_600_000;
/** A later attempt is due after a backoff. A sooner one may be the end of the lease of a current attempt, which takes 15 s. */
const LEASE_MS = 15_000;

async function countBySource(
  state: Unfinished,
  operatorLedger: OperatorLedger,
  now: Date,
): Promise<readonly Backlog[]> {
  const bySource = new Map<string, Entry[]>();
  for await (const entry of operatorLedger.unfinished(state)) {
    bySource.set(entry.source, [...(bySource.get(entry.source) ?? []), entry]);
  }
  const backlog = [...bySource].map(([source, entries]) => ({ source, ...summaryOf(state, entries, now) }));
  return backlog.toSorted((one, two) => one.oldestReceivedAt.localeCompare(two.oldestReceivedAt));
}

function summaryOf(state: Unfinished, entries: readonly Entry[], now: Date): Omit<Backlog, 'source'> {
  const oldestReceivedAt = entries.map(({ receivedAt }) => receivedAt).reduce((one, two) => (one < two ? one : two));
  const isOverdue = state !== 'rejected' && now.getTime() - Date.parse(oldestReceivedAt) >= DEADLINE_MS;
  const dueTimes = entries.flatMap(({ dueAt = 0 }) => (dueAt > now.getTime() + LEASE_MS ? [dueAt] : []));
  const lastResponse = mostFrequent(entries.flatMap(responseOf));
  const next = dueTimes.reduce((one, two) => Math.min(one, two), Number.POSITIVE_INFINITY);
  return {
    ...{ state, count: entries.length, oldestReceivedAt, isOverdue },
    ...(dueTimes.length === 0 ? {} : { waiting: dueTimes.length, nextAttemptAt: new Date(next).toISOString() }),
    ...(lastResponse === undefined ? {} : { lastResponse }),
  };
}

function responseOf({ lastStatus, lastCategory }: Entry): readonly string[] {
  return lastStatus === undefined ? [] : [[lastStatus, lastCategory].filter((part) => part !== undefined).join(' ')];
}

function mostFrequent(texts: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].toSorted(([, one], [, two]) => two - one)[0]?.[0];
}

const HEAD = ['state', 'source', 'count', 'oldest', 'deadline', 'last response', 'next attempt'];

function backlogTable(backlog: readonly Backlog[], now: Date): string {
  if (backlog.length === 0) return 'No opt-outs are open, held or rejected.\n\n';
  const rows = backlog.map(({ state, source, count, oldestReceivedAt, lastResponse = '', nextAttemptAt }) => {
    const ageMs = now.getTime() - Date.parse(oldestReceivedAt);
    const deadline = state === 'rejected' ? '' : deadlineText(DEADLINE_MS - ageMs);
    const next = nextAttemptAt === undefined ? '' : `in ${formatDuration(Date.parse(nextAttemptAt) - now.getTime())}`;
    return [state, source, count, formatDuration(ageMs), deadline, lastResponse, next];
  });
  return `${tableOf({ head: HEAD, rows })}\n`;
}

function deadlineText(leftMs: number): string {
  return leftMs > 0 ? `${formatDuration(leftMs)} left` : `OVERDUE by ${formatDuration(-leftMs)}`;
}

function queueTable({ visible, inFlight, waiting, delayed, dead }: QueueCounts): string {
  const head = ['on the queue', 'in flight', 'waiting', 'delayed', 'dead letters'];
  return tableOf({ head, rows: [[visible, inFlight, waiting, delayed, dead]] });
}

function hints(backlog: readonly Backlog[], { dead }: Depth): readonly string[] {
  const has = (state: Unfinished) => backlog.some((each) => each.state === state);
  const isRefused = backlog.some(({ state, lastResponse = '' }) => state === 'open' && /^40[13]/.test(lastResponse));
  return [
    ...(isRefused ? ["HubSpot refuses the relay's token or its scopes. To find out why: relay doctor\n"] : []),
    ...(has('held') ? ['To list the opt-outs that wait for your decision: relay held\n'] : []),
    ...(has('rejected') || dead > 0 ? ['To retry rejected opt-outs and dead letters: relay redrive\n'] : []),
    ...(has('rejected') ? ['To close rejected opt-outs that you dealt with by hand: relay resolve\n'] : []),
  ];
}
