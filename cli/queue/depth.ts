import type { QueueAttributeName, SQSClient } from '@aws-sdk/client-sqs';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';

/** Approximate message counts, as SQS reports them. */
export interface Depth {
  readonly visible: number;
  /** Being processed, or invisible until the next attempt. */
  readonly inFlight: number;
  readonly delayed: number;
  /** Messages on the dead-letter queue. */
  readonly dead: number;
}

const COUNTS: readonly QueueAttributeName[] = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
];

export async function readDepth(client: SQSClient, queueUrl: string, deadLettersUrl: string): Promise<Depth> {
  const [[visible, inFlight, delayed], [dead]] = await Promise.all([
    countsOf(client, queueUrl),
    countsOf(client, deadLettersUrl),
  ]);
  return { visible, inFlight, delayed, dead };
}

async function countsOf(client: SQSClient, url: string): Promise<[number, number, number]> {
  const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [...COUNTS] });
  const { Attributes: counts = {} } = await client.send(command);
  return [
    Number(counts.ApproximateNumberOfMessages),
    Number(counts.ApproximateNumberOfMessagesNotVisible),
    Number(counts.ApproximateNumberOfMessagesDelayed),
  ];
}
