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

/** Counts the messages on all of these queues together. */
export async function readDepth(
  client: SQSClient,
  queueUrls: readonly string[],
  deadLettersUrl: string,
): Promise<Depth> {
  const queues = await Promise.all([...new Set(queueUrls)].map((url) => countsOf(client, url)));
  const [dead] = await countsOf(client, deadLettersUrl);
  const sum = (index: 0 | 1 | 2) => queues.reduce((total, counts) => total + counts[index], 0);
  return { visible: sum(0), inFlight: sum(1), delayed: sum(2), dead };
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

/** Counts in which a message that waits for its next attempt is not in flight. */
export interface QueueCounts extends Depth {
  readonly waiting: number;
}

/**
 * Separates the messages that wait for their next attempt from those in flight, as which SQS counts both.
 * @param waiting how many open opt-outs wait, by the ledger
 */
export function separateWaiting({ visible, inFlight, delayed, dead }: Depth, waiting: number): QueueCounts {
  const hidden = Math.min(inFlight, waiting);
  return { visible, inFlight: inFlight - hidden, waiting: hidden, delayed, dead };
}
