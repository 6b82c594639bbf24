import { describe, expect, it } from 'vitest';
import { Unreadable } from '../../../functions/core/model/errors.ts';
import { sesEventOf } from '../../../functions/core/readers/ses-event.ts';

const AT = '2026-11-02T10:00:00.000Z';
const ADA = { emailAddress: 'ada@example.com' };
const mail = { messageId: 'm1', timestamp: '2026-11-02T09:59:00.000Z', destination: ['ada@example.com'] };

const bounce = (change: object) => ({
  bounce: { bounceType: 'Permanent', bouncedRecipients: [ADA], timestamp: AT, feedbackId: 'f1', ...change },
  mail,
});
const complaint = (change: object) => ({
  complaint: { complainedRecipients: [ADA], timestamp: AT, feedbackId: 'f1', ...change },
  mail,
});
const kindOf = (word: string, event: object) => sesEventOf({ ...event }, word).said.map(({ kind }) => kind);

describe('a bounce', () => {
  it.each([
    [{ bounceSubType: 'General' }, 'hard_bounce'],
    [{ bounceSubType: 'NoEmail' }, 'hard_bounce'],
    [{ bounceSubType: undefined }, 'hard_bounce'],
    [{ bouncedRecipients: [{ ...ADA, action: 'delayed', status: '4.0.0' }] }, 'hard_bounce'],
    [{ bounceSubType: 'Suppressed' }, 'suppressed'],
    [{ bounceSubType: 'OnAccountSuppressionList' }, 'suppressed'],
    [{ bounceSubType: 'OnTenantSuppressionList' }, 'suppressed'],
    [{ bounceSubType: 'EmailValidationSuppressed' }, 'suppressed'],
    [{ bounceSubType: 'UnsubscribedRecipient' }, 'suppressed'],
    [{ bounceType: 'Transient', bounceSubType: 'MailboxFull' }, 'soft_bounce'],
    [{ bounceType: 'Undetermined' }, 'soft_bounce'],
    [{ bounceType: 'constructor' }, 'ignored'],
  ])('with %j is of the kind %s', (change, kind) => {
    expect(kindOf('Bounce', bounce(change))).toEqual([kind]);
  });

  it.each([
    ['bounceType', 'bounceType is missing'],
    ['feedbackId', 'feedbackId is missing'],
    ['bouncedRecipients', 'bouncedRecipients is not an array'],
    ['timestamp', 'timestamp is not a time'],
  ])('without its %s is unreadable', (name, reason) => {
    expect(() => sesEventOf(bounce({ [name]: undefined }), 'Bounce')).toThrow(new Unreadable(reason));
  });

  it('that is not there is unreadable', () => {
    expect(() => sesEventOf({ mail }, 'Bounce')).toThrow(new Unreadable('bounce is not an object'));
  });

  it('may have a blank before the offset of its time', () => {
    const { said } = sesEventOf(bounce({ timestamp: '2026-11-02T10:00:00 +0000' }), 'Bounce');

    expect(said).toMatchObject([{ occurredAt: new Date(AT), eventKey: 'f1', scope: 'all', confidence: 'exact' }]);
  });
});

describe('a complaint', () => {
  it.each([
    [{}, 'complaint'],
    [{ complaintSubType: null, complaintFeedbackType: 'abuse' }, 'complaint'],
    [{ complaintFeedbackType: 'fraud' }, 'complaint'],
    [{ complaintFeedbackType: 'virus' }, 'complaint'],
    [{ complaintFeedbackType: 'other' }, 'complaint'],
    [{ complaintFeedbackType: 'newer' }, 'complaint'],
    [{ complaintFeedbackType: 'Not-Spam' }, 'ignored'],
    [{ complaintFeedbackType: 'auth-failure' }, 'ignored'],
    [{ complaintSubType: 'OnAccountSuppressionList', complaintFeedbackType: 'abuse' }, 'suppressed'],
  ])('with %j is of the kind %s', (change, kind) => {
    expect(kindOf('Complaint', complaint(change))).toEqual([kind]);
  });

  it.each([
    [[ADA], 'exact'],
    [[ADA, { emailAddress: 'grace@example.com' }], 'ambiguous'],
  ])('of %j is %s', (complainedRecipients, confidence) => {
    expect(sesEventOf(complaint({ complainedRecipients }), 'Complaint').said).toMatchObject([{ confidence }]);
  });
});

describe('a complaint that is not as documented', () => {
  it.each([
    [{ mail }, 'complaint is not an object'],
    [complaint({ complainedRecipients: undefined }), 'complainedRecipients is not an array'],
    [complaint({ feedbackId: undefined }), 'feedbackId is missing'],
  ])('is unreadable: %j', (event, reason) => {
    expect(() => sesEventOf({ ...event }, 'Complaint')).toThrow(new Unreadable(reason));
  });
});

describe('a change of preferences', () => {
  const topics = (status: Readonly<Record<string, string>>) =>
    Object.entries(status).map(([topicName, subscriptionStatus]) => ({ topicName, subscriptionStatus }));
  const change = (now: unknown, before: unknown, more: object = {}) => ({
    subscription: { timestamp: AT, newTopicPreferences: now, oldTopicPreferences: before },
    mail,
    ...more,
  });
  const left = (now: unknown, before: unknown) =>
    sesEventOf(change(now, before), 'Subscription').said.map(({ kind, scope, eventKey }) => [kind, scope, eventKey]);
  const key = `m1 ${AT}`;

  it('to unsubscribe from all is one opt-out, whatever stands beside it', () => {
    const now = { unsubscribeAll: true, topicSubscriptionStatus: topics({ News: 'OptOut', Offers: 'OptIn' }) };

    expect(left(now, { unsubscribeAll: true })).toEqual([['opt_out', 'all', key]]);
    expect(left({ unsubscribeAll: true }, undefined)).toEqual([['opt_out', 'all', key]]);
  });

  it('leaves the topics that were not left before, each under its own key', () => {
    const now = topics({ News: 'OptOut', Offers: 'OptOut', Events: 'OptOut' });
    const before = topics({ News: 'OptIn', Events: 'OptOut' });

    expect(left({ unsubscribeAll: false, topicSubscriptionStatus: now }, { topicSubscriptionStatus: before })).toEqual([
      ['opt_out', { list: 'News' }, `${key} News`],
      ['opt_out', { list: 'Offers' }, `${key} Offers`],
    ]);
  });

  it.each([
    [undefined],
    [null],
    ['x'],
    [{ topicSubscriptionStatus: null }],
    [{ topicSubscriptionStatus: ['x', null] }],
  ])('leaves every topic when %j stands for what was before', (before) => {
    const now = { topicSubscriptionStatus: topics({ News: 'OptOut' }) };

    expect(left(now, before)).toEqual([['opt_out', { list: 'News' }, `${key} News`]]);
  });

  it.each([
    [{ unsubscribeAll: false, topicSubscriptionStatus: topics({ News: 'OptIn' }) }],
    [{ unsubscribeAll: 'true' }],
    [{}],
  ])('to %j asks for nothing', (now) => {
    expect(left(now, { unsubscribeAll: true })).toEqual([['resubscribe', 'all', key]]);
  });

  it('that names no topic is unreadable', () => {
    const now = { topicSubscriptionStatus: [{ subscriptionStatus: 'OptOut' }] };

    expect(() => left(now, {})).toThrow(new Unreadable('topicName is missing'));
  });

  it.each([[[]], [['ada@example.com', 'grace@example.com']], [undefined]])('of a mail to %j is unreadable', (to) => {
    const event = change({ unsubscribeAll: true }, {}, { mail: { ...mail, destination: to } });

    expect(() => sesEventOf(event, 'Subscription')).toThrow(new Unreadable('mail.destination is not one address'));
  });

  it.each([
    ['subscription', { subscription: undefined }, 'subscription is not an object'],
    ['mail', { mail: undefined }, 'mail is not an object'],
    ['new preferences', { subscription: { timestamp: AT } }, 'newTopicPreferences is not an object'],
  ])('without its %s is unreadable', (_what, more, reason) => {
    expect(() => sesEventOf(change({}, {}, more), 'Subscription')).toThrow(new Unreadable(reason));
  });
});

describe('anything else', () => {
  it.each([
    ['Delivery', { delivery: { timestamp: AT } }, AT],
    ['DeliveryDelay', { deliveryDelay: { timestamp: AT } }, AT],
    ['Send', { send: {} }, mail.timestamp],
    ['Rendering Failure', { failure: { templateName: 't' } }, mail.timestamp],
    ['constructor', {}, mail.timestamp],
    ['', {}, mail.timestamp],
  ])('asks for nothing: %s', (word, part, time) => {
    expect(sesEventOf({ mail, ...part }, word)).toMatchObject({
      recipients: [ADA],
      said: [{ kind: 'ignored', eventKey: `m1 ${word} ${time}`, occurredAt: new Date(time) }],
    });
  });

  it.each([[{}], [{ mail: 'x' }], [{ mail: {} }], [{ mail: { destination: [] } }]])(
    'says nothing of anybody in %j',
    (event) => {
      expect(sesEventOf(event, 'AmazonSnsSubscriptionSucceeded')).toEqual({ recipients: [], said: [] });
    },
  );
});
