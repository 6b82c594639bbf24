import { SQSClient } from '@aws-sdk/client-sqs';
import { readDepth } from '../../cli/queue/depth.ts';
import type { LocalRoutes } from '../gateway.ts';
import { planFaultsAt } from './faults.ts';
import { consoleRoutes } from './routes.ts';
import type { Watch } from './watch.ts';

export interface ConsoleOptions {
  readonly watch: Watch;
  readonly url: string;
  readonly hubspotUrl: string;
  readonly isSimulated: boolean;
  /** Folder of everything durable. */
  readonly dir: string;
  /** Runs the sweep. */
  readonly sweep: () => Promise<void>;
  /** The queues of opt-outs. */
  readonly queueUrls: readonly string[];
  readonly deadLettersUrl: string;
}

/** The console of a running stack. */
export interface Console {
  readonly routes: LocalRoutes;
  close(): void;
}

const REFRESH_EVERY_MS = 400;

/** Creates the console. The environment of the functions must be set. It polls only while a page is open. */
export function createConsole({ watch, url, hubspotUrl, isSimulated, dir, sweep, ...queues }: ConsoleOptions): Console {
  const { feed } = watch;
  const client = new SQSClient();
  const plan = isSimulated ? planFaultsAt(hubspotUrl) : undefined;
  const publishChange = changesOnly((type, data) => feed.publish(type, '', data));
  const refresh = async () => {
    watch.showTotals();
    publishChange('depth', await readDepth(client, queues.queueUrls, queues.deadLettersUrl));
    if (plan) publishChange('fault', { ...(await plan.current()) });
  };
  const timer = setInterval(() => {
    // Calls fail while the stack stops.
    if (feed.viewers() > 0) refresh().catch(() => undefined);
  }, REFRESH_EVERY_MS);
  return {
    routes: consoleRoutes({ feed, url, hubspotUrl, dir, plan, sweep, refresh }),
    close() {
      clearInterval(timer);
      client.destroy();
      watch.close();
    },
  };
}

function changesOnly(publish: (type: string, data: object) => void): (type: string, data: object) => void {
  const last = new Map<string, string>();
  return (type, data) => {
    const text = JSON.stringify(data);
    if (last.get(type) !== text) publish(type, data);
    last.set(type, text);
  };
}
