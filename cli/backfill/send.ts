import { setTimeout as sleep } from 'node:timers/promises';
import type { Queue } from '../../functions/aws/sqs.ts';
import { ingest } from '../../functions/core/intake/ingest.ts';
import type { Policy } from '../../functions/core/intake/policy.ts';
import { formatTime } from '../terminal/format.ts';
import type { Progress } from '../terminal/progress.ts';
import type { ProgressFile } from './progress-file.ts';
import type { Quota } from './quota.ts';
import { createScheduler } from './quota.ts';
import type { OptOutFile } from './rows.ts';
import { readSignals } from './rows.ts';

/** The source of backfilled opt-outs. The surge limit applies to it. */
export const SOURCE = 'backfill';

export interface SendPorts {
  readonly queue: Pick<Queue, 'send'>;
  readonly policy: Policy;
  readonly quota: Quota;
  readonly progressFile: ProgressFile;
  readonly progress: Progress;
  /** Number of readable rows in the file. */
  readonly total: number;
}

/** A longer wait is announced. */
const LONG_WAIT_MS = 600_000;

export interface Sent {
  readonly sent: number;
  /** Sent by an earlier run that was interrupted. */
  readonly before: number;
}

/** Sends the readable rows of a file within the quota, starting from the resume point. */
export async function sendAll(from: OptOutFile, ports: SendPorts): Promise<Sent> {
  const { queue, policy, progressFile, progress } = ports;
  const start = progressFile.read();
  const scheduler = createScheduler(ports.quota, start.usage);
  let [before, sent] = [0, 0];
  for await (const row of readSignals(from, policy)) {
    if (row.line <= start.line) {
      before += 1;
      continue;
    }
    await waitFor(scheduler.next(Date.now()), progress);
    const arrival = { source: SOURCE, receivedAt: new Date(), policy };
    await ingest({ signals: [row.signal], unreadable: [] }, arrival, { enqueue: queue.send, report: () => {} });
    progressFile.write({ line: row.line, usage: scheduler.usage() });
    sent += 1;
    progress.step(sent / (ports.total - before));
  }
  progressFile.remove();
  return { sent, before };
}

/** Waits for a turn, and announces a long wait. */
export async function waitFor(ms: number, progress: Progress): Promise<void> {
  if (ms > LONG_WAIT_MS) {
    const until = formatTime(new Date(Date.now() + ms).toISOString());
    progress.print(
      `The daily quota is used. Sending continues at ${until} UTC, or when you run the command again after that.`,
    );
  }
  if (ms >= 1) await sleep(ms);
}
