import { isCallerError, Unauthenticated, Unreadable } from '../model/errors.ts';
import type { Payload } from '../payload/fields.ts';
import { arrayOf, isObject, objectOf } from '../payload/fields.ts';
import type { RequestPorts } from '../readers/opt-out-request.ts';
import { OPT_OUT_REQUESTED, readOptOutRequest } from '../readers/opt-out-request.ts';
import { readSalesforceEvent } from '../readers/salesforce.ts';
import { readSesEvent, readSesRecords } from '../readers/ses.ts';
import type { Reading } from '../verify/source.ts';
import type { IngestPorts } from './ingest.ts';
import { ingest, reportRejected } from './ingest.ts';
import type { Policy } from './policy.ts';

export interface EventPorts extends IngestPorts, RequestPorts {
  readonly isOn: (source: string) => boolean;
  readonly policyOf: (source: string) => Policy;
  /** The only SNS topic whose messages are accepted. If undefined, all topics are rejected. */
  readonly topicArn: string | undefined;
}

/** A kind of event that may invoke the function. IAM has authenticated the caller. */
interface EventType {
  /** The same name as the sender's webhook, so that an event that arrives both ways has one id. */
  readonly source: 'ses' | 'salesforce' | 'eventbridge';
  readonly matches: (event: Payload) => boolean;
  readonly read: (event: Payload, ports: EventPorts) => Reading & { readonly brand?: string };
}

const EVENT_TYPES: readonly EventType[] = [
  // PutEvents rejects sources that begin with `aws.`: only AWS and its partners can send these.
  { source: 'ses', matches: ({ source }) => source === 'aws.ses', read: readSesDetail },
  { source: 'ses', matches: isSnsEvent, read: readTopic },
  // The form in which SNS itself stores an undelivered message in a dead-letter queue.
  {
    source: 'ses',
    matches: ({ Type }) => Type === 'Notification',
    read: (Sns, ports) => readTopic({ Records: [{ Sns }] }, ports),
  },
  { source: 'salesforce', matches: isSalesforceEvent, read: readSalesforce },
  { source: 'eventbridge', matches: (event) => event['detail-type'] === OPT_OUT_REQUESTED, read: readOptOutRequest },
];

/**
 * Ingests an event from EventBridge or SNS. Unreadable and unrecognized events are reported and not retried.
 *
 * @throws only for failures of the relay, which are worth a retry.
 */
export async function ingestEvent(event: unknown, ports: EventPorts): Promise<void> {
  const payload = isObject(event) ? event : {};
  const type = EVENT_TYPES.find(({ matches }) => matches(payload));
  const source = type?.source ?? 'eventbridge';
  try {
    if (!type) throw new Unreadable('unrecognized event');
    await readAndIngest(payload, type, ports);
  } catch (error) {
    if (!isCallerError(error)) throw error;
    reportRejected(source, error, ports.report);
  }
}

async function readAndIngest(event: Payload, { source, read }: EventType, ports: EventPorts): Promise<void> {
  if (!ports.isOn(source)) return ports.report({ event: 'signals.ignored', source, count: 1 });
  const { brand, ...reading } = read(event, ports);
  await ingest(reading, { source, brand, receivedAt: ports.clock(), policy: ports.policyOf(source) }, ports);
}

function readSesDetail(event: Payload, { clock }: EventPorts): Reading {
  objectOf(event.detail, 'detail');
  return readSesEvent(event, { receivedAt: clock() });
}

function readSalesforce(event: Payload, { clock }: EventPorts): Reading {
  return readSalesforceEvent(event, { receivedAt: clock() });
}

function isSalesforceEvent({ source }: Payload): boolean {
  return typeof source === 'string' && source.startsWith('aws.partner/salesforce.com/');
}

function isSnsEvent({ Records }: Payload): boolean {
  return Array.isArray(Records) && Records.every((record) => isObject(record) && record.EventSource === 'aws:sns');
}

/** Checks the topic, since another topic may have been subscribed and permitted outside of this project. */
function readTopic(event: Payload, { topicArn, clock }: EventPorts): Reading {
  for (const record of arrayOf(event.Records, 'Records')) {
    const { TopicArn } = objectOf(objectOf(record, 'Records').Sns, 'Sns');
    if (topicArn === undefined || TopicArn !== topicArn)
      throw new Unauthenticated('the SNS topic is not on the allow-list');
  }
  return readSesRecords(event, { receivedAt: clock() });
}
