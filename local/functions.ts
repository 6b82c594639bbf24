import { SQSClient } from '@aws-sdk/client-sqs';
import type { APIGatewayProxyStructuredResultV2, SQSBatchResponse } from 'aws-lambda';
import { invokeEach } from './async-invocation.ts';
import { pollQueue } from './event-source.ts';
import type { GatewayRoute } from './gateway.ts';
import { invoke, loadHandler } from './lambda.ts';
import type { Schedule } from './schedule.ts';
import { startSchedule } from './schedule.ts';
import type { Template } from './template.ts';

/** Loads the functions that have HTTP routes. */
export async function loadRoutes({ routes }: Template): Promise<GatewayRoute[]> {
  const served = Object.entries(routes).filter(([, keys]) => keys.length > 0);
  const loaded = served.map(async ([name, keys]) => {
    const handler = await loadHandler(name);
    return keys.map((key) => ({
      key,
      invoke: (event: unknown) => invoke(name, handler, event) as Promise<APIGatewayProxyStructuredResultV2>,
    }));
  });
  return (await Promise.all(loaded)).flat();
}

/**
 * Starts polling: `DELIVER_CONCURRENCY` instances of `deliver` and of `bulk`, and one instance of each asynchronous function, given by the
 * URL of its queue. Resolves to a function that stops them after the current batch.
 */
export async function startPolling(
  env: Readonly<Record<string, string>>,
  queueUrls: Readonly<Record<string, string>>,
): Promise<() => Promise<void>> {
  const stopping = new AbortController();
  const client = new SQSClient();
  const consumers = [
    ['deliver', env.QUEUE_URL],
    ['bulk', env.BULK_QUEUE_URL],
  ] as const;
  const instances = consumers.flatMap(([name, queueUrl = '']) =>
    Array.from({ length: Number(env.DELIVER_CONCURRENCY) }, async (_none, index) => {
      const handler = await loadHandler(name, index + 1);
      const run = (event: unknown) => invoke(name, handler, event) as Promise<SQSBatchResponse>;
      return { client, queueUrl, batchSize: batchSizeOf(env), invoke: run };
    }),
  );
  const asynchronous = Object.entries(queueUrls).map(async ([name, queueUrl]) => {
    const handler = await loadHandler(name);
    const queue = { client, queueUrl };
    return { ...queue, invoke: invokeEach(queue, (event) => invoke(name, handler, event)) };
  });
  const sources = [...(await Promise.all(instances)), ...(await Promise.all(asynchronous))];
  const running = sources.map((source) => pollQueue(source, stopping.signal));
  return async () => {
    stopping.abort();
    await Promise.all(running);
    client.destroy();
  };
}

/** As in serverless.yml: ten messages per invocation, or a hundred if HubSpot takes many in a call. */
export function batchSizeOf({ HUBSPOT_BATCH = 'false' }: Readonly<Record<string, string | undefined>>): number {
  return HUBSPOT_BATCH === 'false' || HUBSPOT_BATCH === '' ? 10 : 100;
}

/** Starts the sweep on its schedule. The first run is immediate and requeues messages lost while the stack was down. */
export async function startSweeping({ schedules: { sweep } }: Template): Promise<Schedule> {
  if (!sweep) throw new Error('serverless.yml has no schedule for the sweep');
  const handler = await loadHandler('sweep');
  let isStopping = false;
  const schedule = startSchedule({
    everySeconds: sweep.everySeconds,
    invoke(event) {
      const endsAt = Date.now() + sweep.timeoutSeconds * 1000;
      return invoke('sweep', handler, event, () => (isStopping ? 0 : endsAt - Date.now()));
    },
  });
  const stop = () => {
    isStopping = true;
    return schedule.stop();
  };
  return { ...schedule, stop };
}
