import process from 'node:process';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { PutEvent } from './aws/event-bridge.ts';
import { startEventBridge } from './aws/event-bridge.ts';
import { fits } from './aws/event-pattern.ts';
import type { EventRule } from './template.ts';

/** The bus that is told how opt-outs have ended. */
export const RESULT_BUS = 'optout-relay-results';

/** Where SQS is, and the queue from which the events function is invoked. */
export interface EventsQueue {
  readonly url: string;
  readonly queueUrl: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** Starts EventBridge with the deployed rules: what fits one is handed to the events function, and results are shown. */
export async function startEvents(rules: readonly EventRule[], { url, queueUrl, credentials }: EventsQueue) {
  const client = new SQSClient({ endpoint: url, region: 'us-east-1', credentials });
  const onEvent = async (put: PutEvent) => {
    if (put.busName === RESULT_BUS) show(put);
    const event = eventOf(put);
    const fitting = rules.filter(({ busName, pattern }) => busName === put.busName && fits(pattern, event));
    for (const _rule of fitting) {
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

function show({ detailType, detail }: PutEvent): void {
  process.stdout.write(`${JSON.stringify({ event: 'local.result', detailType, detail })}\n`);
}

/** As EventBridge delivers it. https://docs.aws.amazon.com/eventbridge/latest/ref/events-structure.html */
function eventOf({ id, source, detailType, detail, resources, time }: PutEvent) {
  const at = { account: '000000000000', time, region: 'us-east-1' };
  return { version: '0', id, 'detail-type': detailType, source, ...at, resources, detail };
}
