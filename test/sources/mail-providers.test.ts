import { describe, expect, it } from 'vitest';
import type { Kind } from '../../functions/core/model/signal.ts';
import type { RawRequest } from '../../functions/core/payload/http.ts';
import type { VerifiedRequest } from '../../functions/core/verify/verify.ts';
import { sources } from '../../functions/sources/index.ts';
import { AT, plus, request } from '../core/examples.ts';

/** What an event is about, in no provider's words. Undefined fields are missing from the payload. */
interface Facts {
  readonly time?: unknown;
  readonly email?: unknown;
  readonly reply?: string;
}

type Build = (facts: Facts) => unknown;

interface Provider {
  /** A person's act: an unsubscribe or a complaint. A hard bounce if the provider has no event for either. */
  readonly act: Build;
  /** Changes the case of the word in `act`. */
  readonly shouted: Build;
  /** A bounce that the sender calls permanent or hard, without a classification of its own. */
  readonly bounce?: Build;
  /** An event that asks for nothing. */
  readonly open: Build;
}

const json = (payload: unknown): string => JSON.stringify(payload);
const form = (fields: Readonly<Record<string, unknown>>): string => {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) query.append(name, String(value ?? ''));
  return query.toString();
};

const mailgun = (event: object, { time, email }: Facts) => ({
  signature: { timestamp: '1', token: 't1', signature: '' },
  'event-data': { id: 'e1', timestamp: time, recipient: email, ...event },
});
const mailersend = (type: string, { time, email, reply }: Facts) => ({
  type,
  created_at: time,
  data: { id: 'e1', email, meta: { bounce_reason: reply } },
});
const resend = (type: string, data: object, { time, email }: Facts) => ({
  type,
  created_at: time,
  data: { to: [email], ...data },
});
const unisender = (data: object, { time, email }: Facts) => ({
  auth: 'x',
  events_by_user: [
    { events: [{ event_name: 'transactional_email_status', event_data: { email, event_time: time, ...data } }] },
  ],
});
const azure = (eventType: string, data: object, { time, email }: Facts) => [
  { id: 'e1', eventType, eventTime: time, data: { recipient: email, ...data } },
];
const customerio = (metric: string, { time, email, reply }: Facts) => ({
  event_id: 'e1',
  object_type: 'email',
  metric,
  timestamp: time,
  data: { recipient: email, failure_message: reply },
});
const REPORT = 'Microsoft.Communication.EmailDeliveryReportReceived';
const sns = (message: object) => ({ Type: 'Notification', Message: JSON.stringify(message) });
const scaleway = (type: string, { time, email, reply }: Facts) =>
  sns({ id: 'e1', type, created_at: time, email_to: email, email_response_message: reply });
const postal = (event: string, payload: object, { time, email }: Facts) => ({
  event,
  uuid: 'e1',
  timestamp: time,
  payload: { message: { direction: 'outgoing', to: email }, ...payload },
});
const ses = (part: object, { email }: Facts) => ({ mail: { messageId: 'm1', destination: [email] }, ...part });
const sesBounce = (word: string, { time, email, reply }: Facts) =>
  ses(
    {
      notificationType: word,
      bounce: {
        bounceType: 'Permanent',
        bounceSubType: 'General',
        feedbackId: 'f1',
        timestamp: time,
        bouncedRecipients: [{ emailAddress: email, status: '5.0.0', diagnosticCode: reply && `smtp; ${reply}` }],
      },
    },
    { email },
  );
const sesComplaint = (word: string, { time, email }: Facts) =>
  ses(
    {
      eventType: word,
      complaint: { feedbackId: 'f1', timestamp: time, complainedRecipients: [{ emailAddress: email }] },
    },
    { email },
  );

const PROVIDERS: Readonly<Record<string, Provider>> = {
  'azure-communication': {
    act: (facts) => azure(REPORT, { status: 'Bounced' }, facts), // it has no event for a person's act
    shouted: (facts) => azure(REPORT.toUpperCase(), { status: 'BOUNCED' }, facts),
    bounce: (facts) =>
      azure(REPORT, { status: 'Bounced', deliveryStatusDetails: { statusMessage: facts.reply } }, facts),
    open: (facts) => azure('Microsoft.Communication.EmailEngagementTrackingReportReceived', {}, facts),
  },
  brevo: {
    act: ({ time, email }) => ({ event: 'unsubscribed', email, ts_epoch: time, 'message-id': 'm1' }),
    shouted: ({ time, email }) => ({ event: 'UNSUBSCRIBED', email, ts_epoch: time }),
    bounce: ({ time, email, reply }) => ({ event: 'hard_bounce', email, ts_epoch: time, reason: reply }),
    open: ({ time, email }) => ({ event: 'opened', email, ts_epoch: time }),
  },
  customerio: {
    act: (facts) => customerio('unsubscribed', facts),
    shouted: (facts) => customerio('Unsubscribed', facts),
    bounce: (facts) => customerio('bounced', facts),
    open: (facts) => customerio('opened', facts),
  },
  elasticemail: {
    act: ({ time, email }) => form({ status: 'Unsubscribed', to: email, date: time }),
    shouted: ({ time, email }) => form({ status: 'unsubscribed', to: email, date: time }),
    open: ({ time, email }) => form({ status: 'Opened', to: email, date: time }),
  },
  mailchimp: {
    act: ({ time, email }) => form({ type: 'unsubscribe', 'data[email]': email, fired_at: time }),
    shouted: ({ time, email }) => form({ type: 'Unsubscribe', 'data[email]': email, fired_at: time }),
    open: ({ time, email }) => form({ type: 'profile', 'data[email]': email, fired_at: time }),
  },
  mailersend: {
    act: (facts) => mailersend('activity.unsubscribed', facts),
    shouted: (facts) => mailersend('Activity.Unsubscribed', facts),
    bounce: (facts) => mailersend('activity.hard_bounced', facts),
    open: (facts) => mailersend('activity.opened', facts),
  },
  mailgun: {
    act: (facts) => mailgun({ event: 'unsubscribed' }, facts),
    shouted: (facts) => mailgun({ event: 'Unsubscribed' }, facts),
    bounce: (facts) =>
      mailgun(
        { event: 'failed', severity: 'permanent', reason: 'generic', 'delivery-status': { message: facts.reply } },
        facts,
      ),
    open: (facts) => mailgun({ event: 'opened' }, facts),
  },
  mailjet: {
    act: ({ time, email }) => ({ event: 'unsub', email, time }),
    shouted: ({ time, email }) => [{ event: 'Unsub', email, time }],
    bounce: ({ time, email, reply }) => ({ event: 'bounce', hard_bounce: true, email, time, comment: reply }),
    open: ({ time, email }) => ({ event: 'open', email, time }),
  },
  mailtrap: {
    act: ({ time, email }) => ({ events: [{ event: 'unsubscribe', email, timestamp: time }] }),
    shouted: ({ time, email }) => ({ events: [{ event: 'Unsubscribe', email, timestamp: time }] }),
    bounce: ({ time, email, reply }) => ({ events: [{ event: 'bounce', email, timestamp: time, response: reply }] }),
    open: ({ time, email }) => ({ events: [{ event: 'open', email, timestamp: time }] }),
  },
  mandrill: {
    act: ({ time, email }) => form({ mandrill_events: json([{ event: 'unsub', ts: time, msg: { email } }]) }),
    shouted: ({ time, email }) => form({ mandrill_events: json([{ event: 'Unsub', ts: time, msg: { email } }]) }),
    bounce: ({ time, email, reply }) =>
      form({ mandrill_events: json([{ event: 'hard_bounce', ts: time, msg: { email, diag: reply } }]) }),
    open: ({ time, email }) => form({ mandrill_events: json([{ event: 'open', ts: time, msg: { email } }]) }),
  },
  postal: {
    act: (facts) => postal('MessageDeliveryFailed', { status: 'HardFail', output: '550 5.1.1 no such user' }, facts),
    shouted: (facts) =>
      postal('messagedeliveryfailed', { status: 'HARDFAIL', output: '550 5.1.1 no such user' }, facts),
    bounce: (facts) => postal('MessageDeliveryFailed', { status: 'HardFail', output: facts.reply }, facts),
    open: (facts) => postal('MessageLoaded', {}, facts),
  },
  postmark: {
    act: ({ time, email }) => ({ RecordType: 'SpamComplaint', ID: 7, Email: email, BouncedAt: time }),
    shouted: ({ time, email }) => ({ RecordType: 'spamcomplaint', ID: 7, Email: email, BouncedAt: time }),
    bounce: ({ time, email, reply }) => ({
      RecordType: 'Bounce',
      Type: 'HardBounce',
      ID: 7,
      Email: email,
      BouncedAt: time,
      Details: reply,
    }),
    open: ({ time, email }) => ({ RecordType: 'Open', Recipient: email, ReceivedAt: time }),
  },
  resend: {
    act: (facts) => resend('email.complained', {}, facts),
    shouted: (facts) => resend('Email.Complained', {}, facts),
    bounce: (facts) =>
      resend(
        'email.bounced',
        { bounce: { type: 'Permanent', subType: 'General', diagnosticCode: [facts.reply] } },
        facts,
      ),
    open: (facts) => resend('email.opened', {}, facts),
  },
  scaleway: {
    act: (facts) => scaleway('email_mailbox_not_found', facts), // it has no event for a person's act
    shouted: (facts) => scaleway('EMAIL_MAILBOX_NOT_FOUND', facts),
    bounce: (facts) => scaleway('email_mailbox_not_found', facts),
    open: (facts) => scaleway('email_delivered', facts),
  },
  sendgrid: {
    act: ({ time, email }) => [{ event: 'unsubscribe', email, timestamp: time }],
    shouted: ({ time, email }) => [{ event: 'Unsubscribe', email, timestamp: time }],
    bounce: ({ time, email, reply }) => [{ event: 'bounce', type: 'bounce', email, timestamp: time, reason: reply }],
    open: ({ time, email }) => [{ event: 'open', email, timestamp: time }],
  },
  ses: {
    act: (facts) => sns(sesComplaint('Complaint', facts)),
    shouted: (facts) => sns(sesComplaint('COMPLAINT', facts)),
    bounce: (facts) => sns(sesBounce('Bounce', facts)),
    open: ({ time, email }) => sns(ses({ eventType: 'Open', open: { timestamp: time } }, { email })),
  },
  sparkpost: {
    act: ({ time, email }) => [
      { msys: { unsubscribe_event: { type: 'link_unsubscribe', rcpt_to: email, timestamp: time } } },
    ],
    shouted: ({ time, email }) => [
      { msys: { unsubscribe_event: { type: 'Link_Unsubscribe', rcpt_to: email, timestamp: time } } },
    ],
    bounce: ({ time, email, reply }) => [
      {
        msys: {
          message_event: { type: 'bounce', bounce_class: '10', rcpt_to: email, timestamp: time, raw_reason: reply },
        },
      },
    ],
    open: ({ time, email }) => [{ msys: { track_event: { type: 'open', rcpt_to: email, timestamp: time } } }],
  },
  'unisender-go': {
    act: (facts) => unisender({ status: 'unsubscribed' }, facts),
    shouted: (facts) => unisender({ status: 'Unsubscribed' }, facts),
    bounce: (facts) =>
      unisender({ status: 'hard_bounced', delivery_info: { destination_response: facts.reply } }, facts),
    open: (facts) => unisender({ status: 'opened' }, facts),
  },
};

const NAMES = Object.keys(PROVIDERS);
const KNOWN = { email: 'ada@example.com', time: '2026-11-02T09:00:00Z' };
const ACTS: readonly Kind[] = ['opt_out', 'complaint', 'hard_bounce'];

function read(name: string, build: 'act' | 'shouted' | 'open' | 'bounce', facts: Facts, receivedAt = AT) {
  const source = sources.find((each) => each.name === name);
  const payload = PROVIDERS[name]?.[build]?.(facts);
  const text = typeof payload === 'string' ? payload : json(payload);
  const headers = {
    'content-type': typeof payload === 'string' ? 'application/x-www-form-urlencoded' : 'application/json',
    'svix-id': 'e1',
    'svix-timestamp': '1',
    'svix-signature': 'v1,x',
  };
  const posted: RawRequest = request(text, { headers, receivedAt });
  return source?.read(posted as VerifiedRequest) ?? { signals: [], unreadable: ['no such source'] };
}

it('covers the mail providers, and the other senders that report bounces with a reply', () => {
  expect(NAMES).toHaveLength(18);
});

describe.each(NAMES)('%s', (name) => {
  it('reads the time of an event', () => {
    const { signals, unreadable } = read(name, 'act', KNOWN);

    expect(signals).toMatchObject([{ email: 'ada@example.com', occurredAt: new Date(KNOWN.time) }]);
    expect(ACTS).toContain(signals[0]?.kind);
    expect(signals[0]).not.toHaveProperty('isTimeAssumed');
    expect(unreadable).toEqual([]);
  });

  it.each([undefined, null, '', 'yesterday', 'Mon, 2 Nov', 7])(
    'does not lose an event whose time is %j: it occurred on arrival',
    (time) => {
      const { signals, unreadable } = read(name, 'act', { ...KNOWN, time });

      expect(signals).toMatchObject([{ email: 'ada@example.com', occurredAt: AT, isTimeAssumed: true }]);
      expect(ACTS).toContain(signals[0]?.kind);
      expect(unreadable).toEqual([]);
      const retry = read(name, 'act', { ...KNOWN, time }, plus(60)).signals;
      expect(retry.map(({ eventKey }) => eventKey)).toEqual(signals.map(({ eventKey }) => eventKey));
    },
  );

  it('reads its words in any case', () => {
    const kinds = [read(name, 'act', KNOWN), read(name, 'shouted', KNOWN)].map(({ signals }) => signals[0]?.kind);

    expect(kinds[1]).toBe(kinds[0]);
  });

  it('reads an event that asks for nothing, whatever it lacks', () => {
    for (const facts of [KNOWN, { email: KNOWN.email }, { time: KNOWN.time }, {}, { email: 'nobody', time: 'never' }]) {
      const { signals, unreadable } = read(name, 'open', facts);

      expect(signals.every(({ kind }) => kind === 'ignored')).toBe(true);
      expect(unreadable).toEqual([]);
    }
  });
});

describe.each(NAMES.filter((name) => PROVIDERS[name]?.bounce !== undefined))('a permanent bounce of %s', (name) => {
  it.each([
    '550 5.1.1 The email account that you tried to reach does not exist',
    '550 No such user',
    '550 5.4.1 Recipient address rejected: Access denied',
  ])('is a hard bounce after %j', (reply) => {
    expect(read(name, 'bounce', { ...KNOWN, reply })).toMatchObject({ signals: [{ kind: 'hard_bounce' }] });
  });

  it.each([
    '554 5.7.1 Service unavailable; client host [192.0.2.9] blocked by a block list',
    '550 5.7.1 Message rejected as spam by the content filter',
    '550 5.1.1 sender rejected',
    '550 5.7.26 This mail is unauthenticated: SPF and DKIM did not pass',
    '550 too many messages this hour, rate limit exceeded',
    '552 5.2.2 mailbox full',
  ])('is a soft bounce after %j', (reply) => {
    expect(read(name, 'bounce', { ...KNOWN, reply })).toMatchObject({ signals: [{ kind: 'soft_bounce' }] });
  });
});
