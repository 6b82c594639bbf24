import { setTimeout as sleep } from 'node:timers/promises';
import type { Message } from '@aws-sdk/client-sqs';
import { DeleteMessageBatchCommand, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';

export interface EventSource {
  readonly client: SQSClient;
  readonly queueUrl: string;
  /** Runs the function. What it throws leaves the whole batch on the queue. */
  readonly invoke: (event: SQSEvent) => Promise<SQSBatchResponse>;
}

/**
 * How long a received message stays invisible when the machine dies: a little more than the longest attempt. On AWS it is
 * six times the function's time limit, as Lambda wants it; here a restart should not have to wait that long.
 */
const VISIBILITY_SECONDS = 16;
const BATCH = 10;

/**
 * Lambda's poller of an SQS queue: receives, invokes, and deletes all but `batchItemFailures`. Resolves once aborted; by
 * default it hangs up then.
 */
export async function pollQueue(
  source: EventSource,
  signal: AbortSignal,
  receiving: Receiving = { waitSeconds: 20, signal },
): Promise<void> {
  while (!signal.aborted) {
    try {
      await handle(source, await receive(source, receiving));
    } catch {
      if (!signal.aborted) await sleep(500);
    }
  }
}

export interface Receiving {
  /** How long to wait for a first message. */
  readonly waitSeconds: number;
  readonly signal?: AbortSignal;
}

/** A batch, which nobody else gets for a while. */
export async function receive(
  { client, queueUrl }: Pick<EventSource, 'client' | 'queueUrl'>,
  { waitSeconds, signal }: Receiving,
): Promise<readonly Message[]> {
  const receiving = new ReceiveMessageCommand({
    QueueUrl: queueUrl,
    MaxNumberOfMessages: BATCH,
    WaitTimeSeconds: waitSeconds,
    VisibilityTimeout: VISIBILITY_SECONDS,
    MessageSystemAttributeNames: ['All'],
  });
  const { Messages = [] } = await client.send(receiving, signal ? { abortSignal: signal } : {});
  return Messages;
}

/** Invokes the function with a batch, and deletes what it has settled. */
export async function handle({ client, queueUrl, invoke }: EventSource, messages: readonly Message[]): Promise<void> {
  if (messages.length === 0) return;
  const { batchItemFailures } = await invoke(eventOf(messages));
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  const done = messages.filter(({ MessageId = '' }) => !failed.has(MessageId));
  if (done.length === 0) return;
  const Entries = done.map(({ MessageId, ReceiptHandle }) => ({ Id: MessageId, ReceiptHandle }));
  await client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
}

export const eventOf = (messages: readonly Message[]): SQSEvent => ({ Records: messages.map(recordOf) });

function recordOf(message: Message): SQSRecord {
  return {
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    md5OfBody: message.MD5OfBody ?? '',
    attributes: { ...message.Attributes } as unknown as SQSRecord['attributes'],
    messageAttributes: {},
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:optout-relay',
    awsRegion: 'us-east-1',
  };
}
