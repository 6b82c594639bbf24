import { parseArgs } from 'node:util';
import type { OperatorLedger } from '../../functions/core/ledger/operator-ledger.ts';
import type { Unfinished } from '../../functions/core/model/state.ts';
import type { Command, Streams } from '../command.ts';
import { EXIT } from '../command.ts';
import { createContext } from '../context.ts';
import { deadLettersUrlOf } from '../queue/dead-letters.ts';
import type { Depth } from '../queue/depth.ts';
import { readDepth } from '../queue/depth.ts';
import { spanOf } from '../terminal/format.ts';
import { write } from '../terminal/output.ts';
import { tableOf } from '../terminal/table.ts';

const HELP = `relay status: what is not done yet, how long it has waited, and what stands on the queue

  relay status [options]

  --dead-letters <url>  the queue of the dead letters, where the main queue does not name it
  --json                a JSON object a line: one for each state and source, then {"queue"}
  --env <file>          KEY=value lines: LEDGER_TABLE, QUEUE_URL, RECEIPTS_SECRET and AWS_…, in place of those in the environment

Examples
  npm run -s relay -- status --env .local/env
  npm run -s relay -- status --json | jq -s 'map(select(.isOverdue))'

"open" is carried out by itself, "held" waits for relay release; both have 48 hours from when they were received. "rejected" has
no clock: HubSpot will never take it, unless its cause is mended (relay redrive). "in flight" is at hand, or waits for its next
attempt.
Exit codes: 0 nothing is overdue, 1 something is or it failed, 2 called in a way it does not know.
`;

/** `relay status`: what waits, and for how long it may. */
export const status: Command = { summary: 'what waits, how long it has, and what is on the queue', help: HELP, run };

const OPTIONS = { 'dead-letters': { type: 'string' }, json: { type: 'boolean' }, env: { type: 'string' } } as const;

/** What is unfinished in one state from one source. */
interface Waiting {
  readonly state: Unfinished;
  readonly source: string;
  readonly count: number;
  readonly oldestReceivedAt: string;
  /** A refused one never is. */
  readonly isOverdue: boolean;
}

async function run(args: readonly string[], { stdout }: Streams): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const { operatorLedger, sqs, queueUrl } = createContext(values.env);
  const now = new Date();
  const deadLettersUrl = values['dead-letters'] ?? (await deadLettersUrlOf(sqs, queueUrl));
  const [open, held, refused, queue] = await Promise.all([
    waitingIn('open', operatorLedger, now),
    waitingIn('held', operatorLedger, now),
    waitingIn('rejected', operatorLedger, now),
    readDepth(sqs, queueUrl, deadLettersUrl),
  ]);
  const waiting = [...open, ...held, ...refused];
  const texts = values.json
    ? [...waiting, { queue }].map((each) => `${JSON.stringify(each)}\n`)
    : [waitingTable(waiting, now), queueTable(queue), ...hintsOf(waiting, queue)];
  await write(texts, { stdout });
  return waiting.some(({ isOverdue }) => isOverdue) ? EXIT.failed : EXIT.ok;
}

/** Within which HubSpot must have been told. */
const CLOCK_MS = 48 * 3_600_000;

async function waitingIn(state: Unfinished, operatorLedger: OperatorLedger, now: Date): Promise<readonly Waiting[]> {
  const found = new Map<string, Waiting>();
  for await (const { source, receivedAt } of operatorLedger.unfinished(state)) {
    const { count, oldestReceivedAt } = found.get(source) ?? { count: 0, oldestReceivedAt: receivedAt };
    const oldest = receivedAt < oldestReceivedAt ? receivedAt : oldestReceivedAt;
    const isOverdue = state !== 'rejected' && now.getTime() - Date.parse(oldest) >= CLOCK_MS;
    found.set(source, { state, source, count: count + 1, oldestReceivedAt: oldest, isOverdue });
  }
  return [...found.values()].toSorted((one, two) => one.oldestReceivedAt.localeCompare(two.oldestReceivedAt));
}

function waitingTable(waiting: readonly Waiting[], now: Date): string {
  if (waiting.length === 0) return 'Nothing is open, held or refused.\n\n';
  const rows = waiting.map(({ state, source, count, oldestReceivedAt }) => {
    const ageMs = now.getTime() - Date.parse(oldestReceivedAt);
    return [state, source, count, spanOf(ageMs), state === 'rejected' ? '' : clockOf(CLOCK_MS - ageMs)];
  });
  return `${tableOf({ head: ['state', 'source', 'count', 'oldest', '48 hours'], rows })}\n`;
}

function clockOf(leftMs: number): string {
  return leftMs > 0 ? `${spanOf(leftMs)} left` : `OVERDUE by ${spanOf(-leftMs)}`;
}

function queueTable({ visible, inFlight, delayed, dead }: Depth): string {
  const head = ['on the queue', 'in flight', 'delayed', 'dead letters'];
  return tableOf({ head, rows: [[visible, inFlight, delayed, dead]] });
}

function hintsOf(waiting: readonly Waiting[], { dead }: Depth): readonly string[] {
  const isAny = (state: Unfinished) => waiting.some((each) => each.state === state);
  const held = isAny('held') ? ['relay held lists what waits for your word.\n'] : [];
  return [
    ...held,
    ...(isAny('rejected') || dead > 0 ? ['relay redrive tries refused ones and dead letters again.\n'] : []),
  ];
}
