import { parseEmailAddress } from '../model/email-address.ts';
import type { Kind, Signal } from '../model/signal.ts';
import type { Payload } from '../payload/fields.ts';
import { isoTime, objectOf, optionalText, partOf, rowOf, textField, unixSeconds } from '../payload/fields.ts';
import type { Reading } from '../verify/source.ts';

/** Builds the signal for a contact, lead or person account. Throws Unreadable if one of its fields is missing. */
export function signalOfRecord(record: Payload, event: Pick<Signal, 'eventKey' | 'occurredAt'>): Signal {
  const prefix = record.PersonEmail === undefined ? '' : 'Person'; // person account
  return {
    ...event,
    kind: rowOf(KINDS, textField(record, `${prefix}HasOptedOutOfEmail`)) ?? 'ignored',
    scope: 'all',
    email: parseEmailAddress(record[`${prefix}Email`]),
    confidence: 'exact',
  };
}

/** By `HasOptedOutOfEmail`. */
const KINDS: Readonly<Record<string, Kind>> = { true: 'opt_out', false: 'resubscribe' };

/**
 * Reads an event that Event Relay puts on a partner event bus: a change of a contact, lead or person account, or a custom
 * event with the fields `Email__c` and `HasOptedOutOfEmail__c`. A change event holds only the changed fields, so the channel
 * must be configured to add the address.
 *
 * @throws {Unreadable} if the address or the opt-out is missing.
 * @see https://developer.salesforce.com/docs/platform/event-relay/guide/event-relay-config.html
 * @see https://developer.salesforce.com/docs/atlas.en-us.change_data_capture.meta/change_data_capture/cdc_event_fields_header.htm
 */
export function readSalesforceEvent(envelope: Payload): Reading {
  const payload = objectOf(objectOf(envelope.detail, 'detail').payload, 'detail.payload');
  const record = Object.fromEntries(
    Object.entries(payload).map(([name, value]) => [standardName(name), textOf(value)]),
  );
  const signal = signalOfRecord(record, { eventKey: keyOf(payload, envelope), occurredAt: timeOf(payload, envelope) });
  return { signals: [signal], unreadable: [] };
}

/** Custom fields end in `__c`. */
const standardName = (name: string): string => name.replace(/__c$/, '');

/** Outbound messages hold only text, so booleans become text here. */
const textOf = (value: unknown): unknown => (typeof value === 'boolean' ? String(value) : value);

/** A change keeps its key when it is relayed again. For other events, EventBridge's event id is the last resort. */
function keyOf(payload: Payload, envelope: Payload): string {
  const header = partOf(payload, 'ChangeEventHeader');
  const transaction = optionalText(header, 'transactionKey');
  if (transaction !== undefined) return `${transaction} ${textField(header, 'sequenceNumber')}`;
  return optionalText(payload, 'EventUuid') ?? textField(envelope, 'id');
}

/** When the record was saved: milliseconds since 1970, or ISO 8601. A paused Event Relay delivers days later. */
function timeOf(payload: Payload, envelope: Payload): Date {
  const savedAt = partOf(payload, 'ChangeEventHeader').commitTimestamp ?? payload.CreatedDate;
  return typeof savedAt === 'number'
    ? unixSeconds(savedAt / 1000, 'the time of the change')
    : isoTime(savedAt ?? envelope.time, 'the time of the change');
}
