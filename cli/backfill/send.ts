import { setTimeout as sleep } from 'node:timers/promises';
import type { Queue } from '../../functions/aws/sqs.ts';
import { ingest } from '../../functions/core/intake/ingest.ts';
import type { Policy } from '../../functions/core/intake/policy.ts';
import { timeOf } from '../terminal/format.ts';
import type { Progress } from '../terminal/progress.ts';
import type { Bookmark } from './progress-file.ts';
import type { Quota } from './quota.ts';
import { pacing } from './quota.ts';
import type { OptOutFile } from './rows.ts';
import { readRows } from './rows.ts';

/** The source of what was filled in; the brake counts it as inferred. */
export const SOURCE = 'backfill';

export interface Sending {
  readonly queue: Pick<Queue, 'send'>;
  readonly policy: Policy;
  readonly quota: Quota;
  readonly bookmark: Bookmark;
  readonly progress: Progress;
  /** How many there are. */
  readonly total: number;
}

/** A wait that is worth a word. */
const LONG_MS = 600_000;

export interface Sent {
  readonly sent: number;
  /** In the run that was stopped. */
  readonly before: number;
}

/** Sends what is readable, on from the bookmark, each within the quota. */
export async function sendAll(from: OptOutFile, through: Sending): Promise<Sent> {
  const { queue, policy, bookmark, progress } = through;
  const start = bookmark.read();
  const pace = pacing(through.quota, start.taken);
  let [before, sent] = [0, 0];
  for await (const row of readRows(from, new Date())) {
    if ('fault' in row) continue;
    if (row.line <= start.line) {
      before += 1;
      continue;
    }
    await wait(pace.next(Date.now()), progress);
    const arrival = { source: SOURCE, receivedAt: new Date(), policy };
    await ingest({ signals: [row.signal], unreadable: [] }, arrival, { enqueue: queue.send, report: () => {} });
    bookmark.write({ line: row.line, taken: pace.taken() });
    sent += 1;
    progress.step(sent / (through.total - before));
  }
  bookmark.remove();
  return { sent, before };
}

async function wait(ms: number, progress: Progress): Promise<void> {
  if (ms > LONG_MS) {
    const until = timeOf(new Date(Date.now() + ms).toISOString());
    progress.say(`The day's share is sent. It goes on at ${until} UTC; stopped, it goes on there the next time.`);
  }
  if (ms >= 1) await sleep(ms);
}
