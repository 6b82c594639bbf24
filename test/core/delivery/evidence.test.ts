import { describe, expect, it } from 'vitest';
import {
  evidenceInResponse,
  evidenceInStatus,
  is2xx,
  isComplete,
  optedInSince,
} from '../../../functions/core/delivery/evidence.ts';
import type { HubSpotResponse, StatusRow, Subject } from '../../../functions/core/delivery/hubspot.ts';
import { ADA, AT, plus, row, shows, wideRow } from '../examples.ts';

const ada = { email: ADA };
const ofPets = { email: ADA, businessUnitId: '5' };
const ofNews = { email: ADA, subscriptionId: '42' };
const NOTHING: [string, HubSpotResponse][] = [
  ['a success without a body', { status: 200 }],
  ['an empty success', { status: 204 }],
  ['a redirection', { ...shows([row(), wideRow()]), status: 307 }],
  ['400', { ...shows([row(), wideRow()]), status: 400 }],
  ['503', { ...shows([row(), wideRow()]), status: 503 }],
  ['no answer', { ...shows([row(), wideRow()]), status: 0 }],
  ['no rows', shows([])],
];

describe('provedByResponse', () => {
  it.each([
    ['one row', shows([row()])],
    ['a row of every subscription', shows([row(), row({ subscriptionId: '8' }), row({ subscriptionId: '9' })])],
    ['the word of the guide', shows([row()], { status: 'SUCCESS' })],
    ['the address as it was written once', shows([row({ subscriberIdString: ' Ada@Example.COM ' })])],
    ['a row of any business unit', shows([row({ businessUnitId: '0' }), row({ businessUnitId: '5' })])],
    ['fields that are missing', shows([{ status: 'UNSUBSCRIBED', subscriberIdString: ADA }])],
    ['another 2xx', { ...shows([row()]), status: 201 }],
  ])('believes %s', (_what, answer) => {
    expect(evidenceInResponse(answer, ada)).toEqual({ changed: true });
  });

  it.each<[string, HubSpotResponse]>([
    ...NOTHING,
    ['PENDING', shows([row()], { status: 'PENDING' })],
    ['PROCESSING', shows([row()], { status: 'PROCESSING' })],
    ['CANCELED', shows([row()], { status: 'CANCELED' })],
    ['a status nobody knows', shows([row()], { status: 'complete' })],
    ['no status', shows([row()], { status: undefined })],
    ['one error', shows([row()], { numErrors: 1 })],
    ['another address', shows([row({ subscriberIdString: 'grace@example.com' })])],
    ['an address that only begins alike', shows([row({ subscriberIdString: `${ADA}.org` })])],
    ['another address among the right ones', shows([row(), row({ subscriberIdString: 'grace@example.com' })])],
    ['no address', shows([row({ subscriberIdString: undefined })])],
    ['one SUBSCRIBED among UNSUBSCRIBED', shows([row(), row({ status: 'SUBSCRIBED' }), row()])],
    ['NOT_SPECIFIED', shows([row({ status: 'NOT_SPECIFIED' })])],
    ['a status in lower case', shows([row({ status: 'unsubscribed' })])],
    ['no status in a row', shows([row({ status: undefined })])],
    ['rows that could not be read', shows([{}, row()])],
  ])('does not believe %s', (_what, answer) => {
    expect(evidenceInResponse(answer, ada)).toBeUndefined();
  });

  it.each([
    [ofPets, { businessUnitId: '5' }, true],
    [ofPets, {}, true],
    [ofPets, { businessUnitId: '0' }, false],
    [ofNews, { subscriptionId: '42' }, true],
    [ofNews, { subscriptionId: '43' }, false],
    [ofNews, { subscriptionId: undefined }, false],
  ])('takes for %j a row with %j: %s', (subject, change, isProof) => {
    expect(evidenceInResponse(shows([row(change)]), subject) !== undefined).toBe(isProof);
  });

  it.each([
    [['NO_STATUS_CHANGE'], false],
    [['NO_STATUS_CHANGE', 'NO_STATUS_CHANGE'], false],
    [['NO_STATUS_CHANGE', 'UNSUBSCRIBE_FROM_ALL_OCCURRED'], true],
    [['REQUESTED_CHANGE_OCCURRED'], true],
    [[undefined], true],
  ])('tells of %j whether anything changed: %s', (reasons, changed) => {
    const rows = reasons.map((setStatusSuccessReason) => row({ setStatusSuccessReason }));

    expect(evidenceInResponse(shows(rows), ada)).toEqual({ changed });
  });
});

describe('provedByRecord', () => {
  it.each([
    ['PORTAL_WIDE', ada, wideRow()],
    ['the account brand', ada, wideRow({ wideStatusType: 'BUSINESS_UNIT_WIDE', businessUnitId: '0' })],
    ['PORTAL_WIDE, for a brand', ofPets, wideRow()],
    ['the brand', ofPets, wideRow({ wideStatusType: 'BUSINESS_UNIT_WIDE', businessUnitId: '5' })],
    ['the subscription', ofNews, row({ subscriptionId: '42' })],
  ])('believes a row of %s, among rows that say nothing', (_what, subject, proof) => {
    const others = [wideRow({ status: 'SUBSCRIBED' }), {}, wideRow({ subscriberIdString: 'grace@example.com' })];

    expect(evidenceInStatus(shows([...others, proof]), subject, AT)).toEqual({ changed: true });
  });

  it.each<[string, Subject, HubSpotResponse]>([
    ...NOTHING.map(([what, answer]) => [what, ada, answer] as [string, Subject, HubSpotResponse]),
    ['a wide row that is SUBSCRIBED', ada, shows([wideRow({ status: 'SUBSCRIBED' })])],
    ['a wide row of nobody', ada, shows([wideRow({ subscriberIdString: undefined })])],
    ['a wide row of another', ada, shows([wideRow({ subscriberIdString: 'grace@example.com' })])],
    ['a brand, for all', ada, shows([wideRow({ wideStatusType: 'BUSINESS_UNIT_WIDE', businessUnitId: '5' })])],
    ['a brand that is not named', ada, shows([wideRow({ wideStatusType: 'BUSINESS_UNIT_WIDE' })])],
    ['another brand', ofPets, shows([wideRow({ wideStatusType: 'BUSINESS_UNIT_WIDE', businessUnitId: '6' })])],
    ['the account brand, for a brand', ofPets, shows([wideRow({ wideStatusType: 'X', businessUnitId: '0' })])],
    ['one subscription, for all', ada, shows([row()])],
    ['another subscription', ofNews, shows([row({ subscriptionId: '43' })])],
  ])('does not believe %s', (_what, subject, answer) => {
    expect(evidenceInStatus(answer, subject, AT)).toBeUndefined();
  });

  it.each([
    [plus(0).toISOString(), true],
    [plus(3600).toISOString(), true],
    [plus(-1).toISOString(), false],
    ['a while ago', false],
    [undefined, false],
  ])('takes a status of %j for one that we have set: %s', (timestamp, changed) => {
    expect(evidenceInStatus(shows([wideRow({ timestamp })]), ada, AT)).toEqual({ changed });
  });
});

describe('an opt-in', () => {
  const optIn = (change: Partial<StatusRow> = {}) =>
    row({ status: 'SUBSCRIBED', timestamp: plus(1).toISOString(), ...change });

  it.each<[string, Subject, StatusRow]>([
    ['a subscription', ada, optIn()],
    ['a subscription of any brand', ada, optIn({ businessUnitId: '6' })],
    ['everything', ada, wideRow({ status: 'SUBSCRIBED', timestamp: plus(1).toISOString() })],
    ['a subscription of the brand', ofPets, optIn({ businessUnitId: '5' })],
    ['a subscription that names no brand', ofPets, optIn()],
    ['the subscription', ofNews, optIn({ subscriptionId: '42' })],
  ])('to %s is seen, among rows that say nothing', (_what, subject, proof) => {
    expect(optedInSince(shows([row(), {}, proof]), subject, AT)).toBe(true);
  });

  it.each<[string, Subject, HubSpotResponse]>([
    ['of the same moment', ada, shows([optIn({ timestamp: AT.toISOString() })])],
    ['from before', ada, shows([optIn({ timestamp: plus(-1).toISOString() })])],
    ['of an unknown time', ada, shows([optIn({ timestamp: undefined })])],
    ['of another', ada, shows([optIn({ subscriberIdString: 'grace@example.com' })])],
    ['by another channel', ada, shows([optIn({ channel: 'SMS' })])],
    ['that is none', ada, shows([optIn({ status: 'NOT_SPECIFIED' }), optIn({ status: undefined })])],
    ['to another brand', ofPets, shows([optIn({ businessUnitId: '6' })])],
    ['to another subscription', ofNews, shows([optIn({ subscriptionId: '43' })])],
    ['in an answer without a body', ada, { status: 200 }],
  ])('%s is not seen', (_what, subject, answer) => {
    expect(optedInSince(answer, subject, AT)).toBe(false);
  });
});

describe('tellsAll', () => {
  it.each([
    ['no rows', shows([])],
    ['rows', shows([row()])],
    ['the word of the guide', shows([], { status: 'SUCCESS' })],
    ['no word', shows([], { status: undefined })],
  ])('takes for the whole truth %s', (_what, answer) => {
    expect(isComplete(answer)).toBe(true);
  });

  it.each<[string, HubSpotResponse]>([
    ['no report', { status: 200 }],
    ['a failure', { ...shows([]), status: 503 }],
    ['what is not finished', shows([], { status: 'PENDING' })],
    ['an error', shows([], { numErrors: 1 })],
  ])('does not take for it %s', (_what, answer) => {
    expect(isComplete(answer)).toBe(false);
  });
});

it.each([
  [199, false],
  [200, true],
  [299, true],
  [300, false],
  [0, false],
])('takes %d for a success: %s', (status, is) => {
  expect(is2xx({ status })).toBe(is);
});
