import type { SQSBatchResponse } from 'aws-lambda';
import { Unavailable } from '../core/model/errors.ts';
import type { Report } from '../core/model/telemetry.ts';
import type { Payload } from '../core/payload/fields.ts';
import { isObject } from '../core/payload/fields.ts';
import { parseJson } from '../core/payload/json.ts';
import { failureOf } from './telemetry.ts';

export interface EventHandlerPorts {
  /** Processes one event. Throws if the event should be retried. */
  readonly receive: (event: unknown) => Promise<void>;
  readonly report: Report;
}

/**
 * Creates the Lambda handler of EventBridge rules, SNS topics and S3 mail, and of their dead-letter queue, which an operator
 * can connect to the function to retry. It throws for a failed event, so Lambda retries and then moves it to that queue.
 */
export function createEventHandler(
  ports: EventHandlerPorts,
): (event: unknown) => Promise<SQSBatchResponse | undefined> {
  return async (event) => {
    const deadLetters = deadLettersIn(event);
    if (deadLetters) return { batchItemFailures: await retry(deadLetters, ports) };
    // Lambda logs a thrown error with its message, so the original error is not rethrown.
    if (!(await isProcessed(event, ports))) throw new Unavailable('the event could not be processed');
    return undefined;
  };
}

async function isProcessed(event: unknown, { receive, report }: EventHandlerPorts): Promise<boolean> {
  try {
    await receive(event);
    return true;
  } catch (error) {
    report({ event: 'request.failed', failure: failureOf(error) });
    return false;
  }
}

function deadLettersIn(event: unknown): readonly Payload[] | undefined {
  const records = isObject(event) && Array.isArray(event.Records) ? event.Records.filter(isObject) : [];
  return records.some(({ eventSource }) => eventSource === 'aws:sqs') ? records : undefined;
}

async function retry(deadLetters: readonly Payload[], ports: EventHandlerPorts) {
  const processed = await Promise.all(deadLetters.map(({ body }) => isProcessed(parseJson(`${body}`), ports)));
  const failed = deadLetters.filter((_letter, index) => !processed[index]);
  return failed.map(({ messageId }) => ({ itemIdentifier: `${messageId}` }));
}
