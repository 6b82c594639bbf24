import { Unreadable } from '../model/errors.ts';
import type { Signal } from '../model/signal.ts';
import type { Payload } from '../payload/fields.ts';
import { isObject, objectOf, optionalText, partOf, textField } from '../payload/fields.ts';
import type { Reading } from '../verify/source.ts';
import type { Arrived, SenderEvent } from './sender-event.ts';
import { readEvent } from './sender-event.ts';
import { isYes } from './yes-no.ts';

/**
 * Reads a contact, lead or person account. A record without an address has nothing to opt out, and gives no signal.
 *
 * @throws {Unreadable} if the opt-out is missing or neither yes nor no, or if the address is not valid.
 */
export function signalsOfRecord(
  record: Payload,
  event: Pick<SenderEvent, 'id' | 'times' | 'key'>,
  arrived: Arrived,
): readonly Signal[] {
  const field = `${prefixOf(record)}HasOptedOutOfEmail`;
  const kind = isYes(textField(record, field), { field }) ? 'opt_out' : 'resubscribe';
  const address = addressIn(record);
  return isBlank(address) ? [] : readEvent({ ...event, kind, address }, arrived);
}

/** The fields of a person account have a prefix. */
const prefixOf = (record: Payload): string =>
  record.PersonEmail === undefined && record.PersonHasOptedOutOfEmail === undefined ? '' : 'Person';

const addressIn = (record: Payload): unknown => record[`${prefixOf(record)}Email`];

const isBlank = (address: unknown): boolean =>
  typeof address === 'string' ? address.trim() === '' : address === undefined || address === null;

/**
 * Reads an event that Event Relay puts on a partner event bus: a change of a contact, lead or person account, or a custom
 * event with the fields `Email__c` and `HasOptedOutOfEmail__c`. A change event holds only the changed fields. Without the
 * opt-out among them, it gives no signal. The channel must be configured to add the address.
 *
 * @throws {Unreadable} if a custom event lacks the opt-out, or if an opt-out lacks the field for the address.
 * @see https://developer.salesforce.com/docs/platform/event-relay/guide/event-relay-config.html
 * @see https://developer.salesforce.com/docs/atlas.en-us.change_data_capture.meta/change_data_capture/cdc_event_fields_header.htm
 */
export function readSalesforceEvent(envelope: Payload, arrived: Arrived): Reading {
  const payload = objectOf(objectOf(envelope.detail, 'detail').payload, 'detail.payload');
  const record = Object.fromEntries(
    Object.entries(payload).map(([name, value]) => [standardName(name), textOf(value)]),
  );
  const field = `${prefixOf(record)}HasOptedOutOfEmail`;
  const optOut = record[field];
  if (optOut === undefined && isObject(payload.ChangeEventHeader)) return { signals: [], unreadable: [] };
  if (addressIn(record) === undefined && isYes(optOut, { field })) throw new Unreadable('the address is missing');
  const event = { id: keyOf(payload, envelope), times: timesOf(payload, envelope), key: [optionalText(record, 'Id')] };
  return { signals: signalsOfRecord(record, event, arrived), unreadable: [] };
}

/** Custom fields end in `__c`. */
const standardName = (name: string): string => name.replace(/__c$/, '');

/** Outbound messages hold only text, so booleans become text here. */
const textOf = (value: unknown): unknown => (typeof value === 'boolean' ? String(value) : value);

/** A change keeps its key when it is relayed again. For other events, EventBridge's event id is the last resort. */
function keyOf(payload: Payload, envelope: Payload): string | undefined {
  const header = partOf(payload, 'ChangeEventHeader');
  const transaction = optionalText(header, 'transactionKey');
  if (transaction !== undefined) return `${transaction} ${optionalText(header, 'sequenceNumber') ?? ''}`;
  return optionalText(payload, 'EventUuid') ?? optionalText(envelope, 'id');
}

/** When the record was saved: milliseconds since 1970, or ISO 8601. A paused Event Relay delivers days later. */
function timesOf(payload: Payload, envelope: Payload): readonly unknown[] {
  return [partOf(payload, 'ChangeEventHeader').commitTimestamp, payload.CreatedDate, envelope.time];
}
