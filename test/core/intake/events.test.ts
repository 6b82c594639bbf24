import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseOptOutRequested } from '../../../functions/aws/opt-out-requested.ts';
import type { EventPorts } from '../../../functions/core/intake/events.ts';
import { ingestEvent } from '../../../functions/core/intake/events.ts';
import { toOptOuts } from '../../../functions/core/intake/ingest.ts';
import { defaultPolicy } from '../../../functions/core/intake/policy.ts';
import { Unavailable, Unreadable } from '../../../functions/core/model/errors.ts';
import type { Command } from '../../../functions/core/model/opt-out.ts';
import type { RelayEvent } from '../../../functions/core/model/telemetry.ts';
import { readSesMessage } from '../../../functions/core/readers/ses.ts';
import { ADA, AT } from '../examples.ts';

const TOPIC = 'arn:aws:sns:us-east-1:000000000000:ses';
const time = AT.toISOString();
const bounce = {
  eventType: 'Bounce',
  bounce: {
    bounceType: 'Permanent',
    bouncedRecipients: [{ emailAddress: ADA }],
    timestamp: time,
    feedbackId: 'f1',
  },
};
const at = { id: 'b1', time, account: '000000000000' };
const bySes = { ...at, source: 'aws.ses', 'detail-type': 'Email Bounced', detail: bounce };
const notification = { Type: 'Notification', TopicArn: TOPIC, MessageId: 'm1', Message: JSON.stringify(bounce) };
const bySns = (change: object = {}, message: object = notification) => ({
  Records: [{ EventSource: 'aws:sns', Sns: { ...message, ...change } }],
});
const bySalesforce = {
  ...at,
  source: 'aws.partner/salesforce.com/00D5e000000KQ2eEAG/0YL5e0000000001CAA',
  'detail-type': 'ContactChangeEvent',
  detail: { payload: { Email: ADA, HasOptedOutOfEmail: true } },
};
const byUs = { ...at, source: 'shop', 'detail-type': 'Opt-Out Requested', detail: { version: 1, email: ADA } };

/** Ports that record their calls. */
function memory(change: Partial<EventPorts> = {}) {
  const queued: Command[] = [];
  const events: RelayEvent[] = [];
  const ports: EventPorts = {
    isOn: () => true,
    policyOf: () => defaultPolicy,
    topicArn: TOPIC,
    brands: ['pets'],
    parseRequest: parseOptOutRequested,
    enqueue: async (commands) => void queued.push(...commands),
    report: (event) => void events.push(event),
    clock: () => AT,
    ...change,
  };
  return { ports, queued, events };
}

const EVENTS: readonly (readonly [string, unknown, object])[] = [
  ['SES through EventBridge', bySes, { source: 'ses', kind: 'hard_bounce' }],
  ['SES through SNS', bySns(), { source: 'ses', kind: 'hard_bounce' }],
  ['SES through a dead letter of SNS', notification, { source: 'ses', kind: 'hard_bounce' }],
  ['Salesforce', bySalesforce, { source: 'salesforce', kind: 'opt_out' }],
  ['a custom event', byUs, { source: 'eventbridge', kind: 'opt_out' }],
];

describe('ingestEvent', () => {
  it.each(EVENTS)('enqueues and reports an opt-out from %s', async (_what, event, expected) => {
    const { ports, queued, events } = memory();

    await ingestEvent(event, ports);

    expect(queued).toMatchObject([{ email: ADA, receivedAt: AT.toISOString(), ...expected }]);
    expect(events).toMatchObject([{ event: 'optout.accepted', optOuts: [expected] }]);
  });

  it('gives an event the same id through EventBridge, SNS and the webhook', async () => {
    const { ports, queued } = memory();
    const arrival = { source: 'ses', receivedAt: AT, policy: defaultPolicy };

    for (const event of [bySes, bySns(), notification]) await ingestEvent(event, ports);

    const { optOuts } = toOptOuts(readSesMessage(notification.Message, { receivedAt: AT }).signals, arrival);
    expect(queued.map((command) => 'id' in command && command.id)).toEqual(Array(3).fill(optOuts[0]?.id));
  });

  it('gives a repeated event the same id, and a similar event another id', async () => {
    const { ports, queued } = memory();

    for (const id of ['b1', 'b1', 'b2']) await ingestEvent({ ...byUs, id }, ports);

    const ids = queued.map((command) => 'id' in command && command.id);
    expect(ids[0]).toBe(ids[1]);
    expect(ids[0]).not.toBe(ids[2]);
  });

  it('applies the policy of each source, and prefers the brand of a request', async () => {
    const policyOf = (source: string) => ({ ...defaultPolicy, brand: `${source}-brand` });
    const { ports, queued } = memory({ policyOf });

    await ingestEvent(bySes, ports);
    await ingestEvent(byUs, ports);
    await ingestEvent({ ...byUs, detail: { version: 1, email: ADA, brand: 'pets' } }, ports);

    expect(queued).toMatchObject([{ brand: 'ses-brand' }, { brand: 'eventbridge-brand' }, { brand: 'pets' }]);
  });

  it.each(EVENTS)('ignores and counts %s if the source is off', async (_what, event) => {
    const { ports, queued, events } = memory({ isOn: () => false });

    await ingestEvent(event, ports);

    expect(queued).toEqual([]);
    expect(events).toMatchObject([{ event: 'signals.ignored', count: 1 }]);
  });

  it.each([
    ['another topic', bySns({ TopicArn: `${TOPIC}-of-another-account` }), {}],
    ['no topic', bySns({ TopicArn: undefined }), {}],
    ['no topic, with none allowed', bySns({ TopicArn: undefined }), { topicArn: undefined }],
    ['a topic, with none allowed', bySns(), { topicArn: undefined }],
    ['another topic in a dead letter', { ...notification, TopicArn: 'arn:aws:sns:us-east-1:0:other' }, {}],
    ['an allowed topic next to another', { Records: [...bySns().Records, ...bySns({ TopicArn: 'x' }).Records] }, {}],
  ])('rejects %s', async (_what, event, change) => {
    const { ports, queued, events } = memory(change);

    await ingestEvent(event, ports);

    expect(queued).toEqual([]);
    expect(events).toEqual([
      { event: 'request.unauthenticated', source: 'ses', reason: 'the SNS topic is not on the allow-list' },
    ]);
  });

  const changed = { Email: ADA, HasOptedOutOfEmail: true };
  const salesforce = (payload: unknown, change: object = {}) => ({ ...bySalesforce, detail: { payload }, ...change });
  const notAnAddress = 'the email address is not valid';
  const unknown = ['eventbridge', 'unrecognized event'] as const;

  it.each([
    ['time', salesforce(changed, { time: 7 })],
    ['commit time', salesforce({ ...changed, ChangeEventHeader: { commitTimestamp: 0 } }, { time: 'today' })],
  ])('takes a change with an invalid %s as of its arrival', async (_what, event) => {
    const { ports, queued } = memory();

    await ingestEvent(event, ports);

    expect(queued).toMatchObject([{ source: 'salesforce', kind: 'opt_out', occurredAt: ports.clock().toISOString() }]);
  });

  it.each<[string, unknown, ...(readonly [source: string, reason: string])]>([
    ['an event of another service', { ...bySes, source: 'aws.s3', 'detail-type': 'Object Created' }, ...unknown],
    ['an event of another partner', { ...bySalesforce, source: 'aws.partner/acme.com/1' }, ...unknown],
    ['a similar detail-type', { ...byUs, 'detail-type': 'opt-out requested' }, ...unknown],
    ['records of another kind', { Records: [{ EventSource: 'aws:s3', s3: {} }] }, ...unknown],
    ['records of two kinds', { Records: [...bySns().Records, { EventSource: 'aws:s3' }] }, ...unknown],
    ['records that are not objects', { Records: ['x'] }, ...unknown],
    ['an SES event without its detail', { ...bySes, detail: undefined }, 'ses', 'detail is not an object'],
    ['a message that is not JSON', bySns({ Message: 'hello' }), 'ses', 'event 1: the body is not JSON'],
    ['a message that is a string', bySns({ Message: '"hello"' }), 'ses', 'event 1: the message is not an object'],
    ['an empty message', bySns({ Message: '' }), 'ses', 'event 1: Message is missing'],
    ['a record without a message', { Records: [{ EventSource: 'aws:sns' }] }, 'ses', 'Sns is not an object'],
    ['a change without fields', salesforce({}), 'salesforce', 'HasOptedOutOfEmail is missing'],
    ['a change without an address', salesforce({ HasOptedOutOfEmail: true }), 'salesforce', 'the address is missing'],
    ['a change without a payload', salesforce(undefined), 'salesforce', 'detail.payload is not an object'],
    ['Salesforce without a detail', { ...bySalesforce, detail: undefined }, 'salesforce', 'detail is not an object'],
    [
      'a request without a valid address',
      { ...byUs, detail: { version: 1, email: 'nobody' } },
      'eventbridge',
      notAnAddress,
    ],
    ['undefined', undefined, ...unknown],
    ['a string', 'Opt-Out Requested', ...unknown],
  ])('enqueues nothing for %s, reports it once and does not throw', async (_what, event, source, reason) => {
    const { ports, queued, events } = memory();

    await ingestEvent(event, ports);

    expect(queued).toEqual([]);
    expect(events).toEqual([{ event: 'signals.unreadable', source, reasons: [reason] }]);
    expect(JSON.stringify(events)).not.toContain('nobody');
  });

  it('reports a request that is not valid', async () => {
    const parseRequest = () => {
      throw new Unreadable('detail.version is not valid');
    };
    const { ports, events } = memory({ parseRequest });

    await ingestEvent(byUs, ports);

    expect(events).toMatchObject([{ source: 'eventbridge', reasons: ['detail.version is not valid'] }]);
  });

  it('never throws because of the contents of an event', async () => {
    const names = ['source', 'detail-type', 'detail', 'Records', 'Type', 'Message', 'id', 'time'];
    const known = [bySes, bySns(), notification, bySalesforce, byUs];
    const { ports } = memory();

    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<object>(...known),
        fc.dictionary(fc.constantFrom(...names), fc.jsonValue()),
        async (event, change) => {
          expect(await ingestEvent({ ...event, ...change }, ports)).toBeUndefined();
        },
      ),
    );
  });

  it('neither enqueues nor reports the message with which SES validates a topic', async () => {
    const { ports, queued, events } = memory();

    await ingestEvent(bySns({ Message: 'Successfully validated SNS topic for Amazon SES event publishing.' }), ports);

    expect([queued, events]).toEqual([[], []]);
  });

  it.each([new Unavailable('could not enqueue'), new TypeError('unforeseen')])(
    'throws if the queue fails, and reports no opt-out: %s',
    async (failure) => {
      const { ports, events } = memory({ enqueue: () => Promise.reject(failure) });

      await expect(ingestEvent(byUs, ports)).rejects.toBe(failure);
      expect(events).toEqual([]);
    },
  );
});
