import { parseEmailAddress } from '../model/email-address.ts';
import type { Kind, Signal } from '../model/signal.ts';
import type { Payload } from '../payload/fields.ts';
import { isoTime, objectOf, optionalText, partOf, rowOf, textField, unixSeconds } from '../payload/fields.ts';
import type { Reading } from '../verify/source.ts';

/** What the fields of a contact, a lead or a person account say of its opt-out. Throws Unreadable when one is missing. */
export function signalOfRecord(record: Payload, told: Pick<Signal, 'eventKey' | 'occurredAt'>): Signal {
  const prefix = record.PersonEmail === undefined ? '' : 'Person'; // an account that is a person
  return {
    ...told,
    kind: rowOf(KINDS, textField(record, `${prefix}HasOptedOutOfEmail`)) ?? 'ignored',
    scope: 'all',
    email: parseEmailAddress(record[`${prefix}Email`]),
    confidence: 'exact',
  };
}

/** By `HasOptedOutOfEmail`. */
const KINDS: Readonly<Record<string, Kind>> = { true: 'opt_out', false: 'resubscribe' };

/**
 * Reads what Event Relay puts on a partner bus: a change of a contact, lead or person account, or an event of the
 * organization's own with the fields `Email__c` and `HasOptedOutOfEmail__c`. A change holds only what has changed, so
 * that the channel must be told to add the address. Throws Unreadable when it lacks one of the two.
 * https://developer.salesforce.com/docs/platform/event-relay/guide/event-relay-config.html
 * https://developer.salesforce.com/docs/atlas.en-us.change_data_capture.meta/change_data_capture/cdc_event_fields_header.htm
 */
export function readSalesforceEvent(envelope: Payload): Reading {
  const payload = objectOf(objectOf(envelope.detail, 'detail').payload, 'detail.payload');
  const record = Object.fromEntries(Object.entries(payload).map(([name, value]) => [ownName(name), told(value)]));
  const signal = signalOfRecord(record, { eventKey: keyOf(payload, envelope), occurredAt: timeOf(payload, envelope) });
  return { signals: [signal], unreadable: [] };
}

/** `__c` marks what an organization has added itself. */
const ownName = (name: string): string => name.replace(/__c$/, '');

/** Outbound messages are text throughout. */
const told = (value: unknown): unknown => (typeof value === 'boolean' ? String(value) : value);

/** A change has the same key when it is relayed again; of anything else EventBridge's own id is the last resort. */
function keyOf(payload: Payload, envelope: Payload): string {
  const header = partOf(payload, 'ChangeEventHeader');
  const transaction = optionalText(header, 'transactionKey');
  if (transaction !== undefined) return `${transaction} ${textField(header, 'sequenceNumber')}`;
  return optionalText(payload, 'EventUuid') ?? textField(envelope, 'id');
}

/** When it was saved, in milliseconds since 1970 or ISO 8601; a relay that was paused hands it over days later. */
function timeOf(payload: Payload, envelope: Payload): Date {
  const savedAt = partOf(payload, 'ChangeEventHeader').commitTimestamp ?? payload.CreatedDate;
  return typeof savedAt === 'number'
    ? unixSeconds(savedAt / 1000, 'the time of the change')
    : isoTime(savedAt ?? envelope.time, 'the time of the change');
}
