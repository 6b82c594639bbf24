import type { OperatorLedger } from '../../functions/core/ledger/operator-ledger.ts';
import type { Unfinished } from '../../functions/core/model/state.ts';
import { EXIT } from '../command.ts';
import { CONTEXT_ENV, createContext } from '../context.ts';
import { defineCommand, jsonOption } from '../define-command.ts';
import { DEAD_LETTERS, deadLettersUrlOf } from '../queue/dead-letters.ts';
import type { Depth } from '../queue/depth.ts';
import { readDepth } from '../queue/depth.ts';
import { formatDuration } from '../terminal/format.ts';
import { jsonLines, write } from '../terminal/output.ts';
import { tableOf } from '../terminal/table.ts';

export const status = defineCommand({
  name: 'status',
  summary: 'shows unfinished opt-outs, their deadlines and the queue',
  options: {
    'dead-letters': DEAD_LETTERS,
    json: jsonOption('one object a line for each state and source, then {"queue"}'),
    env: CONTEXT_ENV,
  },
  examples: ['status --env .local/env', `status --json | jq -s 'map(select(.isOverdue))'`],
  notes: [
    '"open" is retried automatically. "held" waits for relay release or relay discard. The deadline of both is 48 hours after ' +
      'they were received. "rejected" has no deadline: HubSpot does not accept the opt-out until the cause is fixed and relay ' +
      'redrive retries it. "in flight" messages are being processed or wait for their next attempt.',
  ],
  failure: 'an opt-out is overdue, or it failed',
  async run({ values }, { stdout }) {
    const context = createContext(values.env);
    const { operatorLedger, sqs, queueUrl, bulkQueueUrl } = context;
    const now = new Date();
    const deadLettersUrl = values['dead-letters'] ?? (await deadLettersUrlOf(context));
    const [open, held, rejected, queue] = await Promise.all([
      countBySource('open', operatorLedger, now),
      countBySource('held', operatorLedger, now),
      countBySource('rejected', operatorLedger, now),
      readDepth(sqs, [queueUrl, bulkQueueUrl], deadLettersUrl),
    ]);
    const backlog = [...open, ...held, ...rejected];
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
}

const DEADLINE_MS = 48 * 3_600_000;

async function countBySource(
  state: Unfinished,
  operatorLedger: OperatorLedger,
  now: Date,
): Promise<readonly Backlog[]> {
  const bySource = new Map<string, Backlog>();
  for await (const { source, receivedAt } of operatorLedger.unfinished(state)) {
    const { count, oldestReceivedAt } = bySource.get(source) ?? { count: 0, oldestReceivedAt: receivedAt };
    const oldest = receivedAt < oldestReceivedAt ? receivedAt : oldestReceivedAt;
    const isOverdue = state !== 'rejected' && now.getTime() - Date.parse(oldest) >= DEADLINE_MS;
    bySource.set(source, { state, source, count: count + 1, oldestReceivedAt: oldest, isOverdue });
  }
  return [...bySource.values()].toSorted((one, two) => one.oldestReceivedAt.localeCompare(two.oldestReceivedAt));
}

function backlogTable(backlog: readonly Backlog[], now: Date): string {
  if (backlog.length === 0) return 'No opt-outs are open, held or rejected.\n\n';
  const rows = backlog.map(({ state, source, count, oldestReceivedAt }) => {
    const ageMs = now.getTime() - Date.parse(oldestReceivedAt);
    const deadline = state === 'rejected' ? '' : deadlineText(DEADLINE_MS - ageMs);
    return [state, source, count, formatDuration(ageMs), deadline];
  });
  return `${tableOf({ head: ['state', 'source', 'count', 'oldest', 'deadline'], rows })}\n`;
}

function deadlineText(leftMs: number): string {
  return leftMs > 0 ? `${formatDuration(leftMs)} left` : `OVERDUE by ${formatDuration(-leftMs)}`;
}

function queueTable({ visible, inFlight, delayed, dead }: Depth): string {
  const head = ['on the queue', 'in flight', 'delayed', 'dead letters'];
  return tableOf({ head, rows: [[visible, inFlight, delayed, dead]] });
}

function hints(backlog: readonly Backlog[], { dead }: Depth): readonly string[] {
  const has = (state: Unfinished) => backlog.some((each) => each.state === state);
  return [
    ...(has('held') ? ['To list the opt-outs that wait for your decision: relay held\n'] : []),
    ...(has('rejected') || dead > 0 ? ['To retry rejected opt-outs and dead letters: relay redrive\n'] : []),
  ];
}
