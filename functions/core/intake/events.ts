import { isCallerError, Unauthenticated, Unreadable } from '../model/errors.ts';
import type { Payload } from '../payload/fields.ts';
import { arrayOf, isObject, objectOf } from '../payload/fields.ts';
import type { RequestPorts } from '../readers/opt-out-request.ts';
import { OPT_OUT_REQUESTED, readOptOutRequest } from '../readers/opt-out-request.ts';
import { readSalesforceEvent } from '../readers/salesforce.ts';
import { readSesEvent, readSesRecords } from '../readers/ses.ts';
import type { Reading } from '../verify/source.ts';
import type { IngestPorts } from './keep.ts';
import { ingest, reportRejected } from './keep.ts';
import type { Policy } from './policy.ts';

export interface EventPorts extends IngestPorts, RequestPorts {
  readonly isOn: (source: string) => boolean;
  readonly policyOf: (source: string) => Policy;
  /** The SNS topic that may speak. Undefined: none. */
  readonly topicArn: string | undefined;
  readonly clock: () => Date;
}

/** What AWS may invoke us with, by what it says of itself. IAM has proven the caller; this is what it may ask for. */
interface Way {
  /** As the sender's webhook is called, so that one event that comes by both has one id. */
  readonly source: 'ses' | 'salesforce' | 'eventbridge';
  readonly isOf: (event: Payload) => boolean;
  readonly read: (event: Payload, through: EventPorts) => Reading & { readonly brand?: string };
}

const WAYS: readonly Way[] = [
  // PutEvents takes no source that begins with `aws.`: these are told by Amazon and its partners alone.
  { source: 'ses', isOf: ({ source }) => source === 'aws.ses', read: readSesDetail },
  { source: 'ses', isOf: isOfTopic, read: readTopic },
  // As SNS itself keeps, among its dead letters, what it could not hand over.
  {
    source: 'ses',
    isOf: ({ Type }) => Type === 'Notification',
    read: (Sns, to) => readTopic({ Records: [{ Sns }] }, to),
  },
  { source: 'salesforce', isOf: isOfSalesforce, read: readSalesforceEvent },
  { source: 'eventbridge', isOf: (event) => event['detail-type'] === OPT_OUT_REQUESTED, read: readOptOutRequest },
];

/**
 * Takes an event of EventBridge or SNS. What cannot be read, or is none of these, is reported and not tried again;
 * throws only our own failures, which are worth another try.
 */
export async function ingestEvent(event: unknown, through: EventPorts): Promise<void> {
  const told = isObject(event) ? event : {};
  const way = WAYS.find(({ isOf }) => isOf(told));
  const source = way?.source ?? 'eventbridge';
  try {
    if (!way) throw new Unreadable('the event is none that is known here');
    await receive(told, way, through);
  } catch (error) {
    if (!isCallerError(error)) throw error;
    reportRejected(source, error, through.report);
  }
}

async function receive(event: Payload, { source, read }: Way, through: EventPorts): Promise<void> {
  if (!through.isOn(source)) return through.report({ event: 'signals.ignored', source, count: 1 });
  const { brand, ...reading } = read(event, through);
  const policy = { ...through.policyOf(source), ...(brand === undefined ? {} : { brand }) };
  await ingest(reading, { source, receivedAt: through.clock(), policy }, through);
}

function readSesDetail(event: Payload): Reading {
  objectOf(event.detail, 'detail');
  return readSesEvent(event);
}

function isOfSalesforce({ source }: Payload): boolean {
  return typeof source === 'string' && source.startsWith('aws.partner/salesforce.com/');
}

function isOfTopic({ Records }: Payload): boolean {
  return Array.isArray(Records) && Records.every((record) => isObject(record) && record.EventSource === 'aws:sns');
}

/** Another topic may have been given a subscription, and the right to invoke us, by somebody who is not this project. */
function readTopic(event: Payload, { topicArn }: EventPorts): Reading {
  for (const record of arrayOf(event.Records, 'Records')) {
    const { TopicArn } = objectOf(objectOf(record, 'Records').Sns, 'Sns');
    if (topicArn === undefined || TopicArn !== topicArn)
      throw new Unauthenticated('the topic is not the one that may speak');
  }
  return readSesRecords(event);
}
