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
      'EventBridge, whose detail has no word of its own',
      { 'detail-type': 'Email Bounced', detail: { ...bounce, eventType: undefined } },
    ],
    ['EventBridge under a name that is not known', { 'detail-type': 'Email Came Back', detail: bounce }],
    ['a detail alone', { detail: bounce }],
  ])('of %s is read with all of its recipients and the same keys', (_what, event) => {
    expect(readSesEvent(event)).toEqual({ signals: [ada, grace], unreadable: [] });
    expect(signalsOfSesEvent(event)).toEqual([ada, grace]);
  });

  it('is one command for each recipient, by however many ways it comes', () => {
    const classic = { notificationType: 'Bounce', ...bounceOf('ada@example.com') };
    const ways = [bounce, classic, { 'detail-type': 'Email Bounced', detail: bounce }].flatMap(signalsOfSesEvent);

    expect(toOptOuts(ways, { source: 'ses', receivedAt: NOW, policy: defaultPolicy }).optOuts).toHaveLength(2);
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
  ])('that EventBridge calls %s is read by that name', (word, part, kind) => {
    const mail = { messageId: 'm1', timestamp: AT, destination: ['ada@example.com'] };

    expect(readSesEvent({ 'detail-type': word, detail: { mail, ...part } }).signals).toMatchObject([{ kind }]);
  });

  it.each(['bounce@simulator.amazonses.com', 'ooto+7@Simulator.AmazonSES.com'])('of %s is a test', (email) => {
    expect(readSesEvent({ ...bounce, ...bounceOf(email) }).signals).toMatchObject([{ kind: 'test' }]);
  });

  it('of an address that only looks like the simulator’s is none', () => {
    expect(readSesEvent({ ...bounce, ...bounceOf('ada@not-simulator.amazonses.com') }).signals).toMatchObject([
      { kind: 'hard_bounce' },
    ]);
  });

  it.each(['"Lovelace, Ada" <Ada@Example.com>', '<ada@example.com>', 'Ada <ada@example.com> '])(
    'finds the address in %j',
    (address) => {
      expect(readSesEvent({ ...bounce, ...bounceOf(address) }).signals).toEqual([ada]);
    },
  );

  it('loses no recipient to another that cannot be read', () => {
    const event = { ...bounce, ...bounceOf('undisclosed', 'ada@example.com', 7) };

    expect(readSesEvent(event)).toEqual({
      signals: [ada],
      unreadable: ['event 1: the e-mail address is not valid', 'event 3: the e-mail address is not valid'],
    });
    expect(signalsOfSesEvent(event)).toEqual([ada]);
  });

  it('is unreadable to whoever wants signals alone when none of its recipients can be read', () => {
    expect(() => signalsOfSesEvent({ ...bounce, ...bounceOf('undisclosed') })).toThrow(
      new Unreadable('event 1: the e-mail address is not valid'),
    );
    expect(() => signalsOfSesEvent({ ...bounce, ...bounceOf('undisclosed', 'recipients') })).toThrow(
      new Unreadable('event 1: the e-mail address is not valid; event 2: the e-mail address is not valid'),
    );
    expect(signalsOfSesEvent({})).toEqual([]);
  });

  it('makes a reading or one of our errors of whatever is damaged in it', () => {
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
        for (const { eventKey, occurredAt } of readSesMessage(message).signals) {
          expect([eventKey, occurredAt.toISOString()]).toEqual([expect.stringMatching(/./), expect.any(String)]);
        }
      } catch (error) {
        expect(error).toBeInstanceOf(RelayError);
      }
    });

    fc.assert(property, { numRuns: 1_000 });
  });
});

describe('a message', () => {
  it('is an event', () => {
    expect(readSesMessage(JSON.stringify(bounce)).signals).toEqual([ada, grace]);
  });

  it.each([
    'Successfully validated SNS topic for Amazon SES event publishing.',
    '{"notificationType":"AmazonSnsSubscriptionSucceeded","message":"You have successfully subscribed …"}\n',
  ])('asks for nothing: %s', (notice) => {
    expect(readSesMessage(notice)).toEqual({ signals: [], unreadable: [] });
  });

  it.each(['', 'Hello world!', '[]', '"x"'])('is unreadable: %j', (text) => {
    expect(() => readSesMessage(text)).toThrow(Unreadable);
  });
});

describe('the records that SNS invokes a function with', () => {
  const record = (Message: unknown) => ({
    EventVersion: '1.0',
    EventSource: 'aws:sns',
    Sns: { Type: 'Notification', Subject: null, Message, SigningCertUrl: 'https://…', UnsubscribeUrl: 'https://…' },
  });

  it('are read one by one, and cost one another nothing', () => {
    const half = { ...bounce, ...bounceOf('ada@example.com', 'undisclosed') };
    const Records = [record(JSON.stringify(half)), record('Hello'), {}, record(7), record(JSON.stringify(bounce))];

    expect(readSesRecords({ Records })).toEqual({
      signals: [ada, ada, grace],
      unreadable: [
        'event 2: the body is not JSON',
        'event 3: Sns is not an object',
        'event 4: the message is not an object',
        'event 2: the e-mail address is not valid',
      ],
    });
  });

  it('are unreadable when there are none', () => {
    expect(() => readSesRecords({})).toThrow(new Unreadable('Records is not an array'));
  });
});
