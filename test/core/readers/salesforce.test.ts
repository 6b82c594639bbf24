import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RelayError, Unreadable } from '../../../functions/core/model/errors.ts';
import type { Payload } from '../../../functions/core/payload/fields.ts';
import { readSalesforceEvent } from '../../../functions/core/readers/salesforce.ts';

const AT = '2026-11-02T10:00:00.000Z';
const ARRIVED = { receivedAt: new Date('2026-11-05T08:00:01.000Z') };
const header = {
  entityName: 'Contact',
  changeType: 'UPDATE',
  changedFields: ['HasOptedOutOfEmail', 'LastModifiedDate'],
  transactionKey: '000f07d5-d33e-8607-991e-ad2c1fda0750',
  sequenceNumber: 1,
  commitTimestamp: Date.parse(AT),
  recordIds: ['0035e00000ZkM3hAAF'],
};
/** A change data capture event of a channel that adds the address. */
const change = { ChangeEventHeader: header, HasOptedOutOfEmail: true, Email: 'Ada@Example.com' };
/** A custom event. */
const own = { CreatedDate: AT, EventUuid: 'uuid-1', Email__c: 'ada@example.com', HasOptedOutOfEmail__c: true };

const envelope = (payload: unknown): Payload => ({
  id: 'b1',
  'detail-type': 'ContactChangeEvent',
  source: 'aws.partner/salesforce.com/00D5e000000KQ2eEAG/0YL5e0000000001CAA',
  time: '2026-11-05T08:00:00Z',
  detail: { payload, schemaId: 'I8b-dYxvxs5wOtCBr4qsew' },
});

describe('readSalesforceEvent', () => {
  it('reads the address, the transaction and the time of a change', () => {
    const { signals, unreadable } = readSalesforceEvent(envelope(change), ARRIVED);

    expect(unreadable).toEqual([]);
    expect(signals).toEqual([
      {
        kind: 'opt_out',
        scope: 'all',
        email: 'ada@example.com',
        eventKey: `${header.transactionKey} 1`,
        occurredAt: new Date(AT),
        confidence: 'exact',
      },
    ]);
  });

  it.each<[string, object, object]>([
    ['a person account', { PersonEmail: 'ada@example.com', PersonHasOptedOutOfEmail: true }, { kind: 'opt_out' }],
    ['an opt-in', { HasOptedOutOfEmail: false, Email: 'ada@example.com' }, { kind: 'resubscribe' }],
    ['a custom event with text', { Email__c: 'ada@example.com', HasOptedOutOfEmail__c: 'Yes' }, { kind: 'opt_out' }],
    [
      'a change without a sequence number',
      { ...change, ChangeEventHeader: { ...header, sequenceNumber: undefined } },
      { kind: 'opt_out' },
    ],
    ['a custom event', own, { kind: 'opt_out', eventKey: 'uuid-1', occurredAt: new Date(AT) }],
    [
      'an event with a time in milliseconds',
      { ...own, CreatedDate: Date.parse(AT) },
      { kind: 'opt_out', occurredAt: new Date(AT) },
    ],
    [
      'an event without an id and a time',
      { Email__c: 'ada@example.com', HasOptedOutOfEmail__c: true },
      { eventKey: 'b1', occurredAt: new Date('2026-11-05T08:00:00Z') },
    ],
  ])('reads %s', (_what, payload, expected) => {
    expect(readSalesforceEvent(envelope(payload), ARRIVED).signals).toMatchObject([
      { email: 'ada@example.com', ...expected },
    ]);
  });

  it.each<[string, object]>([
    ['a change of other fields', { ...change, HasOptedOutOfEmail: undefined }],
    ['a change of other fields, without the address', { ChangeEventHeader: header, Phone: '7' }],
    ['an opt-out without an address to opt out', { ...change, Email: '' }],
    ['an opt-out with a null address', { ...own, Email__c: null }],
    ['an opt-in without the address', { ...change, HasOptedOutOfEmail: false, Email: undefined }],
  ])('gives no signal for %s', (_what, payload) => {
    expect(readSalesforceEvent(envelope(payload), ARRIVED)).toEqual({ signals: [], unreadable: [] });
  });

  it.each<[string, unknown, object]>([
    ['the event’s own time', '2026-11-05T08:00:00Z', { occurredAt: new Date('2026-11-05T08:00:00Z') }],
    ['the time of arrival', 'today', { occurredAt: ARRIVED.receivedAt, isTimeAssumed: true }],
  ])('takes an opt-out with a malformed time as of %s', (_what, time, expected) => {
    const event = { ...envelope({ ...own, CreatedDate: 'yesterday' }), time };

    expect(readSalesforceEvent(event, ARRIVED).signals).toMatchObject([{ kind: 'opt_out', ...expected }]);
  });

  it('gives a repeated change the same key, and another change another key', () => {
    const keyOf = (sequenceNumber: number, id = 'b1') => {
      const payload = { ...change, ChangeEventHeader: { ...header, sequenceNumber } };
      return readSalesforceEvent({ ...envelope(payload), id }, ARRIVED).signals[0]?.eventKey;
    };

    expect(keyOf(1, 'b2')).toBe(keyOf(1));
    expect(keyOf(2)).not.toBe(keyOf(1));
  });

  it.each<[string, unknown]>([
    ['an opt-out of a channel that does not add the address', { ...change, Email: undefined }],
    ['a custom event without the opt-out', { ...own, HasOptedOutOfEmail__c: undefined }],
    ['an address that is not valid', { ...change, Email: 'nobody' }],
    ['an address that is not a text', { ...change, Email: { nested: 'ada@example.com' } }],
    ['an opt-out that is neither yes nor no', { ...change, HasOptedOutOfEmail: 'maybe' }],
    ['a custom event with text, without the address', { HasOptedOutOfEmail__c: 'Yes' }],
    ['no payload', undefined],
  ])('throws for %s', (_what, payload) => {
    expect(() => readSalesforceEvent(envelope(payload), ARRIVED)).toThrow(Unreadable);
  });

  it('throws only RelayErrors, whatever the event holds', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...Object.keys(change), ...Object.keys(own)), fc.anything()),
        (payload) => {
          try {
            readSalesforceEvent(envelope(payload), ARRIVED);
          } catch (error) {
            expect(error).toBeInstanceOf(RelayError);
          }
        },
      ),
    );
  });
});
