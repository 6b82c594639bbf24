import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toOptOuts } from '../../../functions/core/intake/ingest.ts';
import { defaultPolicy } from '../../../functions/core/intake/policy.ts';
import { RelayError, Unreadable } from '../../../functions/core/model/errors.ts';
import {
  readSesEvent,
  readSesMessage,
  readSesRecords,
  signalsOfSesEvent,
} from '../../../functions/core/readers/ses.ts';
import { damaged } from '../../sources/harm.ts';
import { AT as NOW } from '../examples.ts';

const AT = '2026-11-02T10:00:00.000Z';
const ARRIVED = { receivedAt: new Date('2026-11-02T10:00:06.000Z') };
const bounceOf = (...people: unknown[]) => ({
  bounce: {
    bounceType: 'Permanent',
    bounceSubType: 'General',
    bouncedRecipients: people.map((emailAddress) => ({ emailAddress })),
    timestamp: AT,
    feedbackId: 'f1',
  },
  mail: { messageId: 'm1', timestamp: AT, destination: ['somebody-else@example.com'] },
});
const bounce = { eventType: 'Bounce', ...bounceOf('ada@example.com', 'grace@example.com') };
const [ada, grace] = ['ada@example.com', 'grace@example.com'].map((email) => ({
  kind: 'hard_bounce',
  scope: 'all',
  email,
  eventKey: `f1 ${email}`,
  occurredAt: new Date(AT),
  confidence: 'exact',
}));

describe('an event', () => {
  it.each([
    ['event publishing', bounce],
    ['a feedback notification', { notificationType: 'Bounce', ...bounceOf('ada@example.com', 'grace@example.com') }],
    ['EventBridge', { id: 'b1', source: 'aws.ses', 'detail-type': 'Email Bounced', detail: bounce }],
    [
      'EventBridge, without an eventType in its detail',
      { 'detail-type': 'Email Bounced', detail: { ...bounce, eventType: undefined } },
    ],
    ['EventBridge, under an unknown detail-type', { 'detail-type': 'Email Came Back', detail: bounce }],
    ['a detail alone', { detail: bounce }],
  ])('from %s is read with the same keys for every recipient', (_what, event) => {
    expect(readSesEvent(event, ARRIVED)).toEqual({ signals: [ada, grace], unreadable: [] });
    expect(signalsOfSesEvent(event, ARRIVED)).toEqual([ada, grace]);
  });

  it('becomes one command for each recipient, however many forms it arrives in', () => {
    const classic = { notificationType: 'Bounce', ...bounceOf('ada@example.com') };
    const signals = [bounce, classic, { 'detail-type': 'Email Bounced', detail: bounce }].flatMap((it) =>
      signalsOfSesEvent(it, ARRIVED),
    );

    expect(toOptOuts(signals, { source: 'ses', receivedAt: NOW, policy: defaultPolicy }).optOuts).toHaveLength(2);
  });

  it.each([
    [
      'Email Complaint Received',
      { complaint: { complainedRecipients: [{ emailAddress: 'ada@example.com' }], timestamp: AT, feedbackId: 'f1' } },
      'complaint',
    ],
    ['Email Subscribed', { subscription: { timestamp: AT, newTopicPreferences: { unsubscribeAll: true } } }, 'opt_out'],
    ['Email Delivered', { delivery: { timestamp: AT } }, 'ignored'],
    ['constructor', {}, 'ignored'],
  ])('from EventBridge is read by its detail-type: %s', (word, part, kind) => {
    const mail = { messageId: 'm1', timestamp: AT, destination: ['ada@example.com'] };

    expect(readSesEvent({ 'detail-type': word, detail: { mail, ...part } }, ARRIVED).signals).toMatchObject([{ kind }]);
  });

  it.each(['bounce@simulator.amazonses.com', 'ooto+7@Simulator.AmazonSES.com'])('about %s is a test', (email) => {
    expect(readSesEvent({ ...bounce, ...bounceOf(email) }, ARRIVED).signals).toMatchObject([{ kind: 'test' }]);
  });

  it('about an address that only resembles the simulator’s is not a test', () => {
    expect(readSesEvent({ ...bounce, ...bounceOf('ada@not-simulator.amazonses.com') }, ARRIVED).signals).toMatchObject([
      { kind: 'hard_bounce' },
    ]);
  });

  it.each(['"Lovelace, Ada" <Ada@Example.com>', '<ada@example.com>', 'Ada <ada@example.com> '])(
    'finds the address in %j',
    (address) => {
      expect(readSesEvent({ ...bounce, ...bounceOf(address) }, ARRIVED).signals).toEqual([ada]);
    },
  );

  it('is read for the other recipients if one of them is unreadable', () => {
    const event = { ...bounce, ...bounceOf('undisclosed', 'ada@example.com', 7) };

    expect(readSesEvent(event, ARRIVED)).toEqual({
      signals: [ada],
      unreadable: ['event 1: the email address is not valid', 'event 3: the email address is not valid'],
    });
    expect(signalsOfSesEvent(event, ARRIVED)).toEqual([ada]);
  });

  it('is unreadable as signals if none of its recipients can be read', () => {
    expect(() => signalsOfSesEvent({ ...bounce, ...bounceOf('undisclosed') }, ARRIVED)).toThrow(
      new Unreadable('event 1: the email address is not valid'),
    );
    expect(() => signalsOfSesEvent({ ...bounce, ...bounceOf('undisclosed', 'recipients') }, ARRIVED)).toThrow(
      new Unreadable('event 1: the email address is not valid; event 2: the email address is not valid'),
    );
    expect(signalsOfSesEvent({}, ARRIVED)).toEqual([]);
  });

  it('is read, or throws a RelayError, whatever is damaged in it', () => {
    const events = [
      bounce,
      {
        eventType: 'Complaint',
        complaint: { complainedRecipients: [{ emailAddress: 'ada@example.com' }], timestamp: AT, feedbackId: 'f1' },
      },
      {
        eventType: 'Subscription',
        mail: bounce.mail,
        subscription: {
          timestamp: AT,
          newTopicPreferences: { topicSubscriptionStatus: [{ topicName: 'News', subscriptionStatus: 'OptOut' }] },
          oldTopicPreferences: { topicSubscriptionStatus: [{ topicName: 'News', subscriptionStatus: 'OptIn' }] },
        },
      },
      { eventType: 'Delivery', mail: bounce.mail, delivery: { timestamp: AT } },
    ].map((event) => JSON.stringify(event));
    const property = fc.property(fc.constantFrom(...events).chain(damaged), (message) => {
      try {
        for (const { eventKey, occurredAt } of readSesMessage(message, ARRIVED).signals) {
          expect([eventKey, occurredAt.toISOString()]).toEqual([expect.stringMatching(/./), expect.any(String)]);
        }
      } catch (error) {
        expect(error).toBeInstanceOf(RelayError);
      }
    });

    fc.assert(property, { numRuns: 1_000 });
  });
});

const ADA = { emailAddress: 'ada@example.com' };
const mail = { messageId: 'm1', timestamp: '2026-11-02T09:59:00.000Z', destination: ['ada@example.com'] };

const bounceWith = (change: object) => ({
  bounce: { bounceType: 'Permanent', bouncedRecipients: [ADA], timestamp: AT, feedbackId: 'f1', ...change },
  mail,
});
const complaintWith = (change: object) => ({
  complaint: { complainedRecipients: [ADA], timestamp: AT, feedbackId: 'f1', ...change },
  mail,
});
const read = (eventType: string, event: object) => readSesEvent({ eventType, ...event }, ARRIVED);
const kindsOf = (type: string, event: object) => read(type, event).signals.map(({ kind }) => kind);

describe('a bounce', () => {
  it.each([
    [{ bounceSubType: 'General' }, 'hard_bounce'],
    [{ bounceSubType: 'NoEmail' }, 'hard_bounce'],
    [{ bounceSubType: undefined }, 'hard_bounce'],
    [{ bouncedRecipients: [{ ...ADA, action: 'delayed', status: '4.0.0' }] }, 'hard_bounce'],
    [
      { bouncedRecipients: [{ ...ADA, status: '5.1.1', diagnosticCode: 'smtp; 550 5.1.1 no such user' }] },
      'hard_bounce',
    ],
    [{ bouncedRecipients: [{ ...ADA, status: '5.1.1', diagnosticCode: 'smtp; 550 5.7.1 blocked' }] }, 'soft_bounce'],
    [{ bouncedRecipients: [{ ...ADA, status: '5.7.1' }] }, 'soft_bounce'],
    [{ bouncedRecipients: [{ ...ADA, diagnosticCode: 'smtp; 550 x' }] }, 'soft_bounce'],
    [{ bounceSubType: 'NoEmail', bouncedRecipients: [{ ...ADA, diagnosticCode: 'smtp; 550 x' }] }, 'hard_bounce'],
    [{ bounceSubType: 'Suppressed' }, 'suppressed'],
    [{ bounceSubType: 'OnAccountSuppressionList' }, 'suppressed'],
    [{ bounceSubType: 'OnTenantSuppressionList' }, 'suppressed'],
    [{ bounceSubType: 'EmailValidationSuppressed' }, 'suppressed'],
    [{ bounceSubType: 'UnsubscribedRecipient' }, 'suppressed'],
    [{ bounceType: 'Transient', bounceSubType: 'MailboxFull' }, 'soft_bounce'],
    [{ bounceType: 'Undetermined' }, 'soft_bounce'],
    [{ bounceType: 'constructor' }, 'ignored'],
  ])('with %j is a signal of kind %s', (change, kind) => {
    expect(kindsOf('Bounce', bounceWith(change))).toEqual([kind]);
  });

  it.each([
    ['bounceType', 'bounceType is missing'],
    ['bouncedRecipients', 'bouncedRecipients is not an array'],
  ])('without its %s is unreadable', (name, reason) => {
    expect(() => read('Bounce', bounceWith({ [name]: undefined }))).toThrow(new Unreadable(reason));
  });

  it('without its object is unreadable', () => {
    expect(() => read('Bounce', { mail })).toThrow(new Unreadable('bounce is not an object'));
  });

  it('may have a space before the offset of its timestamp', () => {
    const { signals } = read('Bounce', bounceWith({ timestamp: '2026-11-02T10:00:00 +0000' }));

    expect(signals).toMatchObject([
      { occurredAt: new Date(AT), eventKey: 'f1 ada@example.com', scope: 'all', confidence: 'exact' },
    ]);
  });
});

describe('a complaint', () => {
  it.each([
    [{}, 'complaint'],
    [{ complaintSubType: null, complaintFeedbackType: 'abuse' }, 'complaint'],
    [{ complaintFeedbackType: 'fraud' }, 'complaint'],
    [{ complaintFeedbackType: 'virus' }, 'soft_bounce'],
    [{ complaintFeedbackType: 'other' }, 'complaint'],
    [{ complaintFeedbackType: 'newer' }, 'complaint'],
    [{ complaintFeedbackType: 'Not-Spam' }, 'ignored'],
    [{ complaintFeedbackType: 'auth-failure' }, 'ignored'],
    [{ complaintSubType: 'OnAccountSuppressionList', complaintFeedbackType: 'abuse' }, 'suppressed'],
  ])('with %j is a signal of kind %s', (change, kind) => {
    expect(kindsOf('Complaint', complaintWith(change))).toEqual([kind]);
  });

  it.each([
    [[ADA], 'exact'],
    [[ADA, { emailAddress: 'grace@example.com' }], 'ambiguous'],
  ])('about %j is %s', (complainedRecipients, confidence) => {
    expect(read('Complaint', complaintWith({ complainedRecipients })).signals).toMatchObject(
      complainedRecipients.map(() => ({ confidence })),
    );
  });
});

describe('a malformed complaint', () => {
  it('has the key of the mail if it has no feedbackId', () => {
    expect(read('Complaint', complaintWith({ feedbackId: undefined })).signals).toMatchObject([
      { eventKey: 'm1 ada@example.com' },
    ]);
    expect(read('Complaint', { ...complaintWith({ feedbackId: undefined }), mail: {} }).signals).toHaveLength(1);
  });

  it.each([
    [{ mail }, 'complaint is not an object'],
    [complaintWith({ complainedRecipients: undefined }), 'complainedRecipients is not an array'],
  ])('is unreadable: %j', (event, reason) => {
    expect(() => read('Complaint', event)).toThrow(new Unreadable(reason));
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
  const changesOf = (now: unknown, before: unknown) =>
    read('Subscription', change(now, before)).signals.map(({ kind, scope, eventKey }) => [kind, scope, eventKey]);
  const key = `m1 ${AT}`;

  it('to unsubscribe from all is one opt-out, whatever the topics are', () => {
    const now = { unsubscribeAll: true, topicSubscriptionStatus: topics({ News: 'OptOut', Offers: 'OptIn' }) };

    expect(changesOf(now, { unsubscribeAll: true })).toEqual([['opt_out', 'all', `${key} ada@example.com`]]);
    expect(changesOf({ unsubscribeAll: true }, undefined)).toEqual([['opt_out', 'all', `${key} ada@example.com`]]);
  });

  it('is an opt-out for each topic newly opted out, each with its own key', () => {
    const now = topics({ News: 'OptOut', Offers: 'OptOut', Events: 'OptOut' });
    const before = topics({ News: 'OptIn', Events: 'OptOut' });

    expect(
      changesOf({ unsubscribeAll: false, topicSubscriptionStatus: now }, { topicSubscriptionStatus: before }),
    ).toEqual([
      ['opt_out', { list: 'News' }, `${key} News ada@example.com`],
      ['opt_out', { list: 'Offers' }, `${key} Offers ada@example.com`],
    ]);
  });

  it.each([
    [undefined],
    [null],
    ['x'],
    [{ topicSubscriptionStatus: null }],
    [{ topicSubscriptionStatus: ['x', null] }],
  ])('is an opt-out for every topic if the old preferences are %j', (before) => {
    const now = { topicSubscriptionStatus: topics({ News: 'OptOut' }) };

    expect(changesOf(now, before)).toEqual([['opt_out', { list: 'News' }, `${key} News ada@example.com`]]);
  });

  it.each([
    [{ unsubscribeAll: false, topicSubscriptionStatus: topics({ News: 'OptIn' }) }],
    [{ unsubscribeAll: 'true' }],
    [{}],
  ])('to %j is not an opt-out', (now) => {
    expect(changesOf(now, { unsubscribeAll: true })).toEqual([['resubscribe', 'all', `${key} ada@example.com`]]);
  });

  it.each([
    ['one topic is on', { News: 'OptOut', Offers: 'OptIn' }, [['resubscribe', 'all', `${key} ada@example.com`]]],
    [
      'every topic is off',
      { News: 'OptOut', Offers: 'OptOut' },
      [
        ['opt_out', { list: 'News' }, `${key} News ada@example.com`],
        ['opt_out', { list: 'Offers' }, `${key} Offers ada@example.com`],
      ],
    ],
  ])('without the old preferences is a snapshot: %s', (_what, now, expected) => {
    expect(changesOf({ topicSubscriptionStatus: topics(now) }, undefined)).toEqual(expected);
  });

  it('without a topic name is unreadable', () => {
    const now = { topicSubscriptionStatus: [{ subscriptionStatus: 'OptOut' }] };

    expect(() => changesOf(now, {})).toThrow(new Unreadable('topicName is missing'));
  });

  it.each([[[]], [['ada@example.com', 'grace@example.com']], [undefined]])('for a mail to %j is unreadable', (to) => {
    const event = change({ unsubscribeAll: true }, {}, { mail: { ...mail, destination: to } });

    expect(() => read('Subscription', event)).toThrow(new Unreadable('mail.destination is not a single address'));
  });

  it.each([
    ['subscription', { subscription: undefined }, 'subscription is not an object'],
    ['mail', { mail: undefined }, 'mail is not an object'],
    ['new preferences', { subscription: { timestamp: AT } }, 'newTopicPreferences is not an object'],
  ])('without its %s is unreadable', (_what, more, reason) => {
    expect(() => read('Subscription', change({}, {}, more))).toThrow(new Unreadable(reason));
  });
});

describe('any other event', () => {
  it.each([
    ['Delivery', { delivery: { timestamp: AT } }, AT],
    ['DeliveryDelay', { deliveryDelay: { timestamp: AT } }, AT],
    ['Send', { send: {} }, mail.timestamp],
    ['Rendering Failure', { failure: { templateName: 't' } }, mail.timestamp],
    ['constructor', {}, mail.timestamp],
    ['', {}, mail.timestamp],
  ])('is ignored: %s', (type, part, time) => {
    expect(read(type, { mail, ...part })).toMatchObject({
      signals: [{ kind: 'ignored', eventKey: `m1 ${type} ${time} ada@example.com`, occurredAt: new Date(time) }],
    });
  });

  it.each([[{}], [{ mail: 'x' }], [{ mail: {} }], [{ mail: { destination: [] } }]])(
    'without a recipient gives no signal: %j',
    (event) => {
      expect(read('AmazonSnsSubscriptionSucceeded', event)).toEqual({ signals: [], unreadable: [] });
    },
  );
});

describe('an SNS message', () => {
  it('is read as an event', () => {
    expect(readSesMessage(JSON.stringify(bounce), ARRIVED).signals).toEqual([ada, grace]);
  });

  it.each([
    'Successfully validated SNS topic for Amazon SES event publishing.',
    '{"notificationType":"AmazonSnsSubscriptionSucceeded","message":"You have successfully subscribed …"}\n',
  ])('gives no signal for the notice %s', (notice) => {
    expect(readSesMessage(notice, ARRIVED)).toEqual({ signals: [], unreadable: [] });
  });

  it.each(['', 'Hello world!', '[]', '"x"'])('is unreadable: %j', (text) => {
    expect(() => readSesMessage(text, ARRIVED)).toThrow(Unreadable);
  });
});

describe('the records of a Lambda invocation', () => {
  const record = (Message: unknown) => ({
    EventVersion: '1.0',
    EventSource: 'aws:sns',
    Sns: { Type: 'Notification', Subject: null, Message, SigningCertUrl: 'https://…', UnsubscribeUrl: 'https://…' },
  });

  it('are read one by one, so an unreadable record does not affect the others', () => {
    const half = { ...bounce, ...bounceOf('ada@example.com', 'undisclosed') };
    const Records = [record(JSON.stringify(half)), record('Hello'), {}, record(7), record(JSON.stringify(bounce))];

    expect(readSesRecords({ Records }, ARRIVED)).toEqual({
      signals: [ada, ada, grace],
      unreadable: [
        'event 2: the body is not JSON',
        'event 3: Sns is not an object',
        'event 4: the message is not an object',
        'event 2: the email address is not valid',
      ],
    });
  });

  it('are unreadable without Records', () => {
    expect(() => readSesRecords({}, ARRIVED)).toThrow(new Unreadable('Records is not an array'));
  });
});
