import process from 'node:process';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { PutEvent } from './aws/event-bridge.ts';
import { startEventBridge } from './aws/event-bridge.ts';
import { matches } from './aws/event-pattern.ts';
import type { EventRule } from './template.ts';

/** The event bus that results are published to. */
export const RESULT_BUS = 'optout-relay-results';

/** The SQS endpoint, and the queue that invokes the `events` function. */
export interface EventsQueue {
  readonly url: string;
  readonly queueUrl: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** Starts EventBridge with the deployed rules. Matching events go to the `events` function; results are printed to stdout. */
export async function startEvents(rules: readonly EventRule[], { url, queueUrl, credentials }: EventsQueue) {
  const client = new SQSClient({ endpoint: url, region: 'us-east-1', credentials });
  const onEvent = async (put: PutEvent) => {
    if (put.busName === RESULT_BUS) print(put);
    const event = eventOf(put);
    const matching = rules.filter(({ busName, pattern }) => busName === put.busName && matches(pattern, event));
    for (const _rule of matching) {
      await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(event) }));
    }
  };
  const bridge = await startEventBridge({ port: 0, onEvent });
  const close = async () => {
    await bridge.close();
    client.destroy();
  };
  return { url: bridge.url, close };
}

function print({ detailType, detail }: PutEvent): void {
  process.stdout.write(`${JSON.stringify({ event: 'local.result', detailType, detail })}\n`);
}

/** Returns an event as EventBridge delivers it. @see https://docs.aws.amazon.com/eventbridge/latest/ref/events-structure.html */
function eventOf({ id, source, detailType, detail, resources, time }: PutEvent) {
  const at = { account: '000000000000', time, region: 'us-east-1' };
  return { version: '0', id, 'detail-type': detailType, source, ...at, resources, detail };
}
