import type { SQSClient } from '@aws-sdk/client-sqs';
import { ChangeMessageVisibilityCommand } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';

/** Lambda makes three attempts at an asynchronous invocation, and waits one minute and then two between them. */
export const MAX_ATTEMPTS = 3;

/** The queue that takes the place of Lambda's internal queue of asynchronous invocations. */
export interface AsyncQueue {
  readonly client: SQSClient;
  readonly queueUrl: string;
}

/**
 * Invokes a function for each event of the queue. A failed event is retried after one second and then two; the queue's
 * redrive policy counts the attempts and moves it to the dead-letter queue.
 */
export function invokeEach(
  { client, queueUrl }: AsyncQueue,
  run: (event: unknown) => Promise<unknown>,
): (event: SQSEvent) => Promise<SQSBatchResponse> {
  const failed = async ({ body, messageId, receiptHandle, attributes }: SQSRecord) => {
    try {
      const message = JSON.parse(body);
      if (message.Event !== S3_TEST) await run(invocationOf(message));
      return [];
    } catch {
      const attempts = Number(attributes.ApproximateReceiveCount);
      // Never 0: fauxqs loses a message whose visibility timeout is set to 0.
      const VisibilityTimeout = attempts < MAX_ATTEMPTS ? attempts : 1;
      const wait = { QueueUrl: queueUrl, ReceiptHandle: receiptHandle, VisibilityTimeout };
      await client.send(new ChangeMessageVisibilityCommand(wait));
      return [{ itemIdentifier: messageId }];
    }
  };
  return async ({ Records }) => ({ batchItemFailures: (await Promise.all(Records.map(failed))).flat() });
}

/** The message that S3 sends to a queue when a notification is configured. Lambda does not get it. */
const S3_TEST = 's3:TestEvent';

/** Turns an SNS notification, as a queue receives it, into the event that Lambda receives. */
function invocationOf(message: { readonly Type?: string }): unknown {
  if (message.Type !== 'Notification') return message;
  const { SigningCertURL, UnsubscribeURL, ...Sns } = message as Record<string, unknown>;
  const notification = { ...Sns, SigningCertUrl: SigningCertURL, UnsubscribeUrl: UnsubscribeURL };
  return { Records: [{ EventSource: 'aws:sns', EventVersion: '1.0', EventSubscriptionArn: '', Sns: notification }] };
}
