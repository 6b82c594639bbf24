import type { SQSBatchResponse } from 'aws-lambda';
import { Unavailable } from '../core/model/errors.ts';
import type { Report } from '../core/model/telemetry.ts';
import type { Payload } from '../core/payload/fields.ts';
import { isObject } from '../core/payload/fields.ts';
import { failureOf } from './telemetry.ts';

export interface EventHandlerPorts {
  /** Takes one event; throws what is worth another try. */
  readonly receive: (event: unknown) => Promise<void>;
  readonly report: Report;
}

/**
 * A Lambda handler of EventBridge rules and SNS topics, and of the queue of its own dead letters, from which an operator
 * has it take them again. It throws when an event was not taken, so that Lambda invokes it again and then keeps the event.
 */
export function createEventHandler(
  through: EventHandlerPorts,
): (event: unknown) => Promise<SQSBatchResponse | undefined> {
  return async (event) => {
    const letters = deadLettersIn(event);
    if (letters) return { batchItemFailures: await notTaken(letters, through) };
    // The error itself would be written to the log by Lambda, message and all.
    if (!(await isTaken(event, through))) throw new Unavailable('the event was not taken');
    return undefined;
  };
}

async function isTaken(event: unknown, { receive, report }: EventHandlerPorts): Promise<boolean> {
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

async function notTaken(letters: readonly Payload[], through: EventHandlerPorts) {
  const taken = await Promise.all(letters.map(({ body }) => isTaken(eventIn(body), through)));
  const left = letters.filter((_letter, index) => !taken[index]);
  return left.map(({ messageId }) => ({ itemIdentifier: `${messageId}` }));
}

/** Undefined is no event of ours, and is said to be none. */
function eventIn(body: unknown): unknown {
  try {
    return JSON.parse(`${body}`);
  } catch {
    return undefined;
  }
}
