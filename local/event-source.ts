import { setTimeout as sleep } from 'node:timers/promises';
import type { Message } from '@aws-sdk/client-sqs';
import { DeleteMessageBatchCommand, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { chunk } from '../functions/aws/sqs.ts';

export interface EventSource {
  readonly client: SQSClient;
  readonly queueUrl: string;
  /** Messages per invocation. More than ten are collected for up to a second, as with Lambda's batch window. @default 10 */
  readonly batchSize?: number;
  /** Invokes the function. If it throws, the whole batch stays on the queue. */
  readonly invoke: (event: SQSEvent) => Promise<SQSBatchResponse>;
}

/**
 * How long a received message stays invisible if the process dies: a little longer than the longest attempt. On AWS it is six
 * times the function's timeout, as Lambda recommends; a local restart should not wait that long.
 */
const VISIBILITY_SECONDS = 16;
/** The most messages of one call to SQS. */
const PER_CALL = 10;
const WINDOW_MS = 1_000;

/**
 * Polls a queue as Lambda's SQS event source does: receives a batch, invokes the function, and deletes all messages except
 * `batchItemFailures`. Resolves after `signal` aborts.
 */
export async function pollQueue(
  source: EventSource,
  signal: AbortSignal,
  receiving: Receiving = { waitSeconds: 20, signal },
): Promise<void> {
  while (!signal.aborted) {
    try {
      await handle(source, await collect(source, receiving));
    } catch {
      if (!signal.aborted) await sleep(500);
    }
  }
}

export interface Receiving {
  /** Long polling: how long to wait for the first message. */
  readonly waitSeconds: number;
  /** Aborts the call. */
  readonly signal?: AbortSignal;
}

/** Collects an invocation's batch: until it is full, or the window since the first message is over. */
async function collect(source: EventSource, receiving: Receiving): Promise<readonly Message[]> {
  const { batchSize = PER_CALL } = source;
  const messages = [...(await receive(source, receiving))];
  const endsAtMs = Date.now() + WINDOW_MS;
  while (messages.length > 0 && messages.length < batchSize && Date.now() < endsAtMs) {
    const more = await receive(source, { waitSeconds: 0 });
    messages.push(...more);
    if (more.length === 0) await sleep(WINDOW_MS / 10);
  }
  return messages;
}

/** Receives up to ten messages. */
export async function receive(
  { client, queueUrl }: Pick<EventSource, 'client' | 'queueUrl'>,
  { waitSeconds, signal }: Receiving,
): Promise<readonly Message[]> {
  const receiving = new ReceiveMessageCommand({
    QueueUrl: queueUrl,
    MaxNumberOfMessages: PER_CALL,
    WaitTimeSeconds: waitSeconds,
    VisibilityTimeout: VISIBILITY_SECONDS,
    MessageSystemAttributeNames: ['All'],
  });
  const { Messages = [] } = await client.send(receiving, signal ? { abortSignal: signal } : {});
  return Messages;
}

/** Invokes the function with a batch, and deletes the messages that it processed. */
export async function handle({ client, queueUrl, invoke }: EventSource, messages: readonly Message[]): Promise<void> {
  if (messages.length === 0) return;
  const { batchItemFailures } = await invoke(eventOf(messages));
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  const done = messages.filter(({ MessageId = '' }) => !failed.has(MessageId));
  if (done.length === 0) return;
  const deletions = chunk(done, PER_CALL).map((messages) => {
    const Entries = messages.map(({ MessageId, ReceiptHandle }) => ({ Id: MessageId, ReceiptHandle }));
    return client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  });
  await Promise.all(deletions);
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
