import type { SQSClient } from '@aws-sdk/client-sqs';
import { ChangeMessageVisibilityCommand } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';

/** Of Lambda, which waits one minute and then two. */
export const MAX_ATTEMPTS = 3;

/** The queue that stands for Lambda's own of asynchronous invocations. */
export interface AsyncQueue {
  readonly client: SQSClient;
  readonly queueUrl: string;
}

/**
 * Runs a function for each event of the queue. One that fails is tried again after a second and then two; the queue's
 * redrive policy counts, and keeps what is left.
 */
export function invokeEach(
  { client, queueUrl }: AsyncQueue,
  run: (event: unknown) => Promise<unknown>,
): (event: SQSEvent) => Promise<SQSBatchResponse> {
  const failed = async ({ body, messageId, receiptHandle, attributes }: SQSRecord) => {
    try {
      await run(invocationOf(JSON.parse(body)));
      return [];
    } catch {
      const attempts = Number(attributes.ApproximateReceiveCount);
      // Not 0 after the last: fauxqs loses a message that is given back at once.
      const VisibilityTimeout = attempts < MAX_ATTEMPTS ? attempts : 1;
      const wait = { QueueUrl: queueUrl, ReceiptHandle: receiptHandle, VisibilityTimeout };
      await client.send(new ChangeMessageVisibilityCommand(wait));
      return [{ itemIdentifier: messageId }];
    }
  };
  return async ({ Records }) => ({ batchItemFailures: (await Promise.all(Records.map(failed))).flat() });
}

/** What an SNS topic says to a queue is what it says to a function, but for the envelope. */
function invocationOf(message: { readonly Type?: string }): unknown {
  if (message.Type !== 'Notification') return message;
  const { SigningCertURL, UnsubscribeURL, ...Sns } = message as Record<string, unknown>;
  const spelled = { ...Sns, SigningCertUrl: SigningCertURL, UnsubscribeUrl: UnsubscribeURL };
  return { Records: [{ EventSource: 'aws:sns', EventVersion: '1.0', EventSubscriptionArn: '', Sns: spelled }] };
}
