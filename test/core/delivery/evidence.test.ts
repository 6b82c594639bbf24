import { describe, expect, it } from 'vitest';
import {
  evidenceInResponse,
  evidenceInStatus,
  is2xx,
  isAccountRefused,
  isComplete,
  isRouteMissing,
  isUnknownAddress,
  isUnreachable,
  mayBeApplied,
  optInsSince,
  rowsOf,
} from '../../../functions/core/delivery/evidence.ts';
import type { HubSpotResponse, StatusRow, Subject } from '../../../functions/core/delivery/hubspot.ts';
import { parseEmailAddress } from '../../../functions/core/model/email-address.ts';
import { ADA, AT, plus, row, shows, wideRow } from '../examples.ts';

const ada = { email: ADA };
const ofPets = { email: ADA, businessUnitId: '5' };
const ofNews = { email: ADA, subscriptionId: '42' };
const NO_EVIDENCE: [string, HubSpotResponse][] = [
  ['a 200 without a body', { status: 200 }],
  ['a 204', { status: 204 }],
  ['a redirect', { ...shows([row(), wideRow()]), status: 307 }],
  ['400', { ...shows([row(), wideRow()]), status: 400 }],
  ['503', { ...shows([row(), wideRow()]), status: 503 }],
  ['no response', { ...shows([row(), wideRow()]), status: 0 }],
  ['no rows', shows([])],
];

describe('the response to a write', () => {
  it.each([
    ['one row', shows([row()])],
    ['a row for every subscription', shows([row(), row({ subscriptionId: '8' }), row({ subscriptionId: '9' })])],
    ['the status that the guide shows', shows([row()], { status: 'SUCCESS' })],
    ['the address in another case', shows([row({ subscriberIdString: ' Ada@Example.COM ' })])],
    ['the address in quotes', shows([row({ subscriberIdString: '"ada"@example.com' })])],
    ['a row of the subscription in another brand', shows([row({ businessUnitId: '6' })])],
    ['a row of any business unit', shows([row({ businessUnitId: '0' }), row({ businessUnitId: '5' })])],
    ['missing fields', shows([{ status: 'UNSUBSCRIBED', subscriberIdString: ADA }])],
    ['another 2xx', { ...shows([row()]), status: 201 }],
  ])('is evidence with %s', (_what, response) => {
    expect(evidenceInResponse(response, ada)).toEqual({ changed: true });
  });

  it.each<[string, HubSpotResponse]>([
    ...NO_EVIDENCE,
    ['PENDING', shows([row()], { status: 'PENDING' })],
    ['PROCESSING', shows([row()], { status: 'PROCESSING' })],
    ['CANCELED', shows([row()], { status: 'CANCELED' })],
    ['an unknown status', shows([row()], { status: 'complete' })],
    ['no status', shows([row()], { status: undefined })],
    ['one error', shows([row()], { numErrors: 1 })],
    ['another address', shows([row({ subscriberIdString: 'grace@example.com' })])],
    ['an address with the same beginning', shows([row({ subscriberIdString: `${ADA}.org` })])],
    ['one row of another address', shows([row(), row({ subscriberIdString: 'grace@example.com' })])],
    ['no address', shows([row({ subscriberIdString: undefined })])],
    ['an address that folds into it', shows([row({ subscriberIdString: 'ａｄａ@example.com' })])],
    ['one SUBSCRIBED among UNSUBSCRIBED', shows([row(), row({ status: 'SUBSCRIBED' }), row()])],
    ['NOT_SPECIFIED', shows([row({ status: 'NOT_SPECIFIED' })])],
    ['a status in lower case', shows([row({ status: 'unsubscribed' })])],
    ['no status in a row', shows([row({ status: undefined })])],
    ['an unreadable row', shows([{}, row()])],
  ])('is not evidence with %s', (_what, response) => {
    expect(evidenceInResponse(response, ada)).toBeUndefined();
  });

  it.each([
    [ofPets, { businessUnitId: '5' }, true],
    [ofPets, {}, true],
    [ofPets, { businessUnitId: '0' }, false],
    [ofNews, { subscriptionId: '42' }, true],
    [{ ...ofNews, businessUnitId: '5' }, { subscriptionId: '42', businessUnitId: '6' }, true],
    [ofNews, { subscriptionId: '43' }, false],
    [ofNews, { subscriptionId: undefined }, false],
  ])('is evidence for %j from a row with %j: %s', (subject, change, isEvidence) => {
    expect(evidenceInResponse(shows([row(change)]), subject) !== undefined).toBe(isEvidence);
  });

  it.each([
    [['NO_STATUS_CHANGE'], false],
    [['NO_STATUS_CHANGE', 'NO_STATUS_CHANGE'], false],
    [['NO_STATUS_CHANGE', 'UNSUBSCRIBE_FROM_ALL_OCCURRED'], true],
    [['REQUESTED_CHANGE_OCCURRED'], true],
    [[undefined], true],
  ])('with the reasons %j has changed: %s', (reasons, changed) => {
    const rows = reasons.map((setStatusSuccessReason) => row({ setStatusSuccessReason }));

    expect(evidenceInResponse(shows(rows), ada)).toEqual({ changed });
  });
});

describe('a status', () => {
  it.each([
    ['PORTAL_WIDE', ada, wideRow()],
    ['the account brand', ada, wideRow({ wideStatusType: 'BUSINESS_UNIT_WIDE', businessUnitId: '0' })],
    ['PORTAL_WIDE, for a brand', ofPets, wideRow()],
    ['the brand', ofPets, wideRow({ wideStatusType: 'BUSINESS_UNIT_WIDE', businessUnitId: '5' })],
    ['the subscription', ofNews, row({ subscriptionId: '42' })],
  ])('is evidence with a row for %s among unrelated rows', (_what, subject, evidence) => {
    const others = [wideRow({ status: 'SUBSCRIBED' }), {}, wideRow({ subscriberIdString: 'grace@example.com' })];

    expect(evidenceInStatus(shows([...others, evidence]), subject, AT)).toEqual({ changed: true });
  });

  it.each<[string, Subject, HubSpotResponse]>([
    ...NO_EVIDENCE.map(([what, response]) => [what, ada, response] as [string, Subject, HubSpotResponse]),
    ['a wide row that is SUBSCRIBED', ada, shows([wideRow({ status: 'SUBSCRIBED' })])],
    ['a wide row without an address', ada, shows([wideRow({ subscriberIdString: undefined })])],
    ['a wide row of another address', ada, shows([wideRow({ subscriberIdString: 'grace@example.com' })])],
    [
      'a brand, for an opt-out from all',
      ada,
      shows([wideRow({ wideStatusType: 'BUSINESS_UNIT_WIDE', businessUnitId: '5' })]),
    ],
    ['a brand without an id', ada, shows([wideRow({ wideStatusType: 'BUSINESS_UNIT_WIDE' })])],
    ['another brand', ofPets, shows([wideRow({ wideStatusType: 'BUSINESS_UNIT_WIDE', businessUnitId: '6' })])],
    ['the account brand, for a brand', ofPets, shows([wideRow({ wideStatusType: 'X', businessUnitId: '0' })])],
    ['one subscription, for an opt-out from all', ada, shows([row()])],
    ['another subscription', ofNews, shows([row({ subscriptionId: '43' })])],
  ])('is not evidence with %s', (_what, subject, response) => {
    expect(evidenceInStatus(response, subject, AT)).toBeUndefined();
  });

  it.each([
    [plus(0).toISOString(), true],
    [plus(3600).toISOString(), true],
    [plus(-1).toISOString(), false],
    ['a while ago', false],
    [undefined, false],
  ])('with the time %j was set by the relay: %s', (timestamp, changed) => {
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
  ])('to %s is found among unrelated rows', (_what, subject, optedIn) => {
    expect(optInsSince(shows([row(), {}, optedIn]), subject, AT)).toEqual([optedIn]);
  });

  it.each<[string, Subject, HubSpotResponse]>([
    ['at the same time', ada, shows([optIn({ timestamp: AT.toISOString() })])],
    ['from before', ada, shows([optIn({ timestamp: plus(-1).toISOString() })])],
    ['of an unknown time', ada, shows([optIn({ timestamp: undefined })])],
    ['of another address', ada, shows([optIn({ subscriberIdString: 'grace@example.com' })])],
    ['to another channel', ada, shows([optIn({ channel: 'SMS' })])],
    ['without the status SUBSCRIBED', ada, shows([optIn({ status: 'NOT_SPECIFIED' }), optIn({ status: undefined })])],
    ['to another brand', ofPets, shows([optIn({ businessUnitId: '6' })])],
    ['to another subscription', ofNews, shows([optIn({ subscriptionId: '43' })])],
    ['in a response without a body', ada, { status: 200 }],
  ])('%s is not found', (_what, subject, response) => {
    expect(optInsSince(response, subject, AT)).toEqual([]);
  });
});

describe('a complete response', () => {
  it.each([
    ['no rows', shows([])],
    ['rows', shows([row()])],
    ['the status that the guide shows', shows([], { status: 'SUCCESS' })],
    ['no status', shows([], { status: undefined })],
  ])('has %s', (_what, response) => {
    expect(isComplete(response)).toBe(true);
  });

  it.each<[string, HubSpotResponse]>([
    ['no report', { status: 200 }],
    ['an error status', { ...shows([]), status: 503 }],
    ['an unfinished report', shows([], { status: 'PENDING' })],
    ['an error', shows([], { numErrors: 1 })],
  ])('does not have %s', (_what, response) => {
    expect(isComplete(response)).toBe(false);
  });
});

it.each([
  [199, false],
  [200, true],
  [299, true],
  [300, false],
  [0, false],
])('considers %d a 2xx: %s', (status, expected) => {
  expect(is2xx({ status })).toBe(expected);
});

it('compares the address in any spelling: international domain, Unicode form and case', () => {
  const email = parseEmailAddress('zo\u00eb@m\u00fcnchen.de');
  const spellings = ['ZO\u00cb@M\u00dcNCHEN.DE', 'zoe\u0308@mu\u0308nchen.de', 'zo\u00eb@xn--mnchen-3ya.de'];

  for (const subscriberIdString of spellings) {
    expect(evidenceInResponse(shows([row({ subscriberIdString })]), { email })).toEqual({ changed: true });
  }
  expect(evidenceInResponse(shows([row({ subscriberIdString: 'zoe@m\u00fcnchen.de' })]), { email })).toBeUndefined();
});

it('returns the rows of a subject', () => {
  const response = shows([row(), row({ subscriptionId: '42' }), row({ subscriberIdString: 'grace@example.com' })]);

  expect(rowsOf(response, ofNews)).toEqual([row({ subscriptionId: '42' })]);
  expect(rowsOf({ status: 503 }, ofNews)).toEqual([]);
});

it.each<[HubSpotResponse, object]>([
  [{ status: 200 }, { applied: true }],
  [{ status: 0 }, { unreachable: true, applied: true }],
  [
    { status: 0, isUnsent: true },
    { refused: true, unreachable: true },
  ],
  [{ status: 302 }, { missing: true }],
  [{ status: 400 }, { unknown: true }],
  ...[401, 423, 429, 477].map((status): [HubSpotResponse, object] => [
    { status },
    { refused: true, unreachable: true },
  ]),
  [{ status: 403 }, {}],
  [{ status: 404 }, { missing: true }],
  [{ status: 404, hasErrorBody: true }, { unknown: true }],
  [{ status: 405, hasErrorBody: true }, { missing: true }],
  [{ status: 408 }, { applied: true }],
  [{ status: 410, hasErrorBody: true }, { missing: true }],
  [{ status: 414 }, { unknown: true }],
  [{ status: 503 }, { unreachable: true, applied: true }],
])('classifies %j as %j', (response, expected) => {
  const classes = {
    missing: isRouteMissing(response),
    unknown: isUnknownAddress(response),
    refused: isAccountRefused(response),
    unreachable: isUnreachable(response),
    applied: mayBeApplied(response),
  };

  expect(Object.fromEntries(Object.entries(classes).filter(([, is]) => is))).toEqual(expected);
});
