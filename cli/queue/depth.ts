import type { QueueAttributeName, SQSClient } from '@aws-sdk/client-sqs';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';

/** What waits, by SQS's own counts. */
export interface Depth {
  readonly visible: number;
  /** At hand, or deferred and invisible until its next attempt. */
  readonly inFlight: number;
  readonly delayed: number;
  readonly dead: number;
}

const COUNTS: readonly QueueAttributeName[] = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
];

/** Asks the queue and its dead letters. */
export async function readDepth(client: SQSClient, queueUrl: string, deadLettersUrl: string): Promise<Depth> {
  const [[visible, inFlight, delayed], [dead]] = await Promise.all([
    countsOf(client, queueUrl),
    countsOf(client, deadLettersUrl),
  ]);
  return { visible, inFlight, delayed, dead };
}

async function countsOf(client: SQSClient, url: string): Promise<[number, number, number]> {
  const ask = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [...COUNTS] });
  const { Attributes: of = {} } = await client.send(ask);
  return [
    Number(of.ApproximateNumberOfMessages),
    Number(of.ApproximateNumberOfMessagesNotVisible),
    Number(of.ApproximateNumberOfMessagesDelayed),
  ];
}
