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

/** Ports that remember. */
function memory(change: Partial<EventPorts> = {}) {
  const queued: Command[] = [];
  const events: RelayEvent[] = [];
  const through: EventPorts = {
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
  return { through, queued, events };
}

const WAYS: readonly (readonly [string, unknown, object])[] = [
  ['SES by EventBridge', bySes, { source: 'ses', kind: 'hard_bounce' }],
  ['SES by SNS', bySns(), { source: 'ses', kind: 'hard_bounce' }],
  ['SES by what SNS could not hand over', notification, { source: 'ses', kind: 'hard_bounce' }],
  ['Salesforce', bySalesforce, { source: 'salesforce', kind: 'opt_out' }],
  ['a system of our own', byUs, { source: 'eventbridge', kind: 'opt_out' }],
];

describe('receiveEvent', () => {
  it.each(WAYS)('queues what %s tells, and says so', async (_who, event, expected) => {
    const { through, queued, events } = memory();

    await ingestEvent(event, through);

    expect(queued).toMatchObject([{ email: ADA, receivedAt: AT.toISOString(), ...expected }]);
    expect(events).toMatchObject([{ event: 'optout.accepted', optOuts: [expected] }]);
  });

  it('gives one event the same id by whichever way it comes, the webhook of SNS included', async () => {
    const { through, queued } = memory();
    const arrival = { source: 'ses', receivedAt: AT, policy: defaultPolicy };

    for (const event of [bySes, bySns(), notification]) await ingestEvent(event, through);

    const { optOuts } = toOptOuts(readSesMessage(notification.Message).signals, arrival);
    expect(queued.map((command) => 'id' in command && command.id)).toEqual(Array(3).fill(optOuts[0]?.id));
  });

  it('gives an event that comes twice the same id, and two that are put the same way another', async () => {
    const { through, queued } = memory();

    for (const id of ['b1', 'b1', 'b2']) await ingestEvent({ ...byUs, id }, through);

    const ids = queued.map((command) => 'id' in command && command.id);
    expect(ids[0]).toBe(ids[1]);
    expect(ids[0]).not.toBe(ids[2]);
  });

  it('takes each source by its own policy, and the brand of a request before that of the policy', async () => {
    const policyOf = (source: string) => ({ ...defaultPolicy, brand: `${source}-brand` });
    const { through, queued } = memory({ policyOf });

    await ingestEvent(bySes, through);
    await ingestEvent(byUs, through);
    await ingestEvent({ ...byUs, detail: { version: 1, email: ADA, brand: 'pets' } }, through);

    expect(queued).toMatchObject([{ brand: 'ses-brand' }, { brand: 'eventbridge-brand' }, { brand: 'pets' }]);
  });

  it.each(WAYS)('takes nothing of %s when it is switched off, and counts it', async (_who, event) => {
    const { through, queued, events } = memory({ isOn: () => false });

    await ingestEvent(event, through);

    expect(queued).toEqual([]);
    expect(events).toMatchObject([{ event: 'signals.ignored', count: 1 }]);
  });

  it.each([
    ['another topic', bySns({ TopicArn: `${TOPIC}-of-a-stranger` }), {}],
    ['no topic', bySns({ TopicArn: undefined }), {}],
    ['no topic where none may speak', bySns({ TopicArn: undefined }), { topicArn: undefined }],
    ['a topic where none may speak', bySns(), { topicArn: undefined }],
    ['another topic among dead letters', { ...notification, TopicArn: 'arn:aws:sns:us-east-1:0:other' }, {}],
    ['a topic beside another', { Records: [...bySns().Records, ...bySns({ TopicArn: 'x' }).Records] }, {}],
  ])('turns away %s', async (_what, event, change) => {
    const { through, queued, events } = memory(change);

    await ingestEvent(event, through);

    expect(queued).toEqual([]);
    expect(events).toEqual([
      { event: 'request.unauthenticated', source: 'ses', reason: 'the SNS topic is not on the allow-list' },
    ]);
  });

  const changed = { Email: ADA, HasOptedOutOfEmail: true };
  const salesforce = (payload: unknown, change: object = {}) => ({ ...bySalesforce, detail: { payload }, ...change });
  const notAnAddress = 'the email address is not valid';
  const unknown = ['eventbridge', 'unrecognized event'] as const;

  it.each<[string, unknown, ...(readonly [source: string, reason: string])]>([
    ['an event of another service', { ...bySes, source: 'aws.s3', 'detail-type': 'Object Created' }, ...unknown],
    ['an event of another partner', { ...bySalesforce, source: 'aws.partner/acme.com/1' }, ...unknown],
    ['a name like ours', { ...byUs, 'detail-type': 'opt-out requested' }, ...unknown],
    ['records of another kind', { Records: [{ EventSource: 'aws:s3', s3: {} }] }, ...unknown],
    ['records of two kinds', { Records: [...bySns().Records, { EventSource: 'aws:s3' }] }, ...unknown],
    ['records that are none', { Records: ['x'] }, ...unknown],
    ['an SES event without its detail', { ...bySes, detail: undefined }, 'ses', 'detail is not an object'],
    ['a topic that says no JSON', bySns({ Message: 'hello' }), 'ses', 'event 1: the body is not JSON'],
    ['a topic that says a text', bySns({ Message: '"hello"' }), 'ses', 'event 1: the message is not an object'],
    ['a topic that says nothing', bySns({ Message: '' }), 'ses', 'event 1: Message is missing'],
    ['a record without a message', { Records: [{ EventSource: 'aws:sns' }] }, 'ses', 'Sns is not an object'],
    ['a change of nothing', salesforce({}), 'salesforce', 'HasOptedOutOfEmail is missing'],
    ['a change without an address', salesforce({ HasOptedOutOfEmail: true }), 'salesforce', notAnAddress],
    ['a change that is none', salesforce(undefined), 'salesforce', 'detail.payload is not an object'],
    ['a change at no time', salesforce(changed, { time: 7 }), 'salesforce', 'the time of the change is not a time'],
    [
      'a change that was saved at no time',
      salesforce({ ...changed, ChangeEventHeader: { commitTimestamp: 0 } }),
      'salesforce',
      'the time of the change is not a time',
    ],
    ['Salesforce without a detail', { ...bySalesforce, detail: undefined }, 'salesforce', 'detail is not an object'],
    ['a request about nobody', { ...byUs, detail: { version: 1, email: 'nobody' } }, 'eventbridge', notAnAddress],
    ['nothing', undefined, ...unknown],
    ['a text', 'Opt-Out Requested', ...unknown],
  ])('does nothing about %s, says so once and does not fail', async (_what, event, source, reason) => {
    const { through, queued, events } = memory();

    await ingestEvent(event, through);

    expect(queued).toEqual([]);
    expect(events).toEqual([{ event: 'signals.unreadable', source, reasons: [reason] }]);
    expect(JSON.stringify(events)).not.toContain('nobody');
  });

  it('does nothing about a request that is not in form', async () => {
    const parseRequest = () => {
      throw new Unreadable('detail.version is not valid');
    };
    const { through, events } = memory({ parseRequest });

    await ingestEvent(byUs, through);

    expect(events).toMatchObject([{ source: 'eventbridge', reasons: ['detail.version is not valid'] }]);
  });

  it('never fails for what an event holds', async () => {
    const names = ['source', 'detail-type', 'detail', 'Records', 'Type', 'Message', 'id', 'time'];
    const known = [bySes, bySns(), notification, bySalesforce, byUs];
    const { through } = memory();

    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<object>(...known),
        fc.dictionary(fc.constantFrom(...names), fc.jsonValue()),
        (event, change) => ingestEvent({ ...event, ...change }, through),
      ),
    );
  });

  it('is silent about the notice by which SES tries a topic', async () => {
    const { through, queued, events } = memory();

    await ingestEvent(bySns({ Message: 'Successfully validated SNS topic for Amazon SES event publishing.' }), through);

    expect([queued, events]).toEqual([[], []]);
  });

  it.each([new Unavailable('the queue did not take it'), new TypeError('unforeseen')])(
    'throws when the queue does not take it, and claims nothing: %s',
    async (failure) => {
      const { through, events } = memory({ enqueue: () => Promise.reject(failure) });

      await expect(ingestEvent(byUs, through)).rejects.toBe(failure);
      expect(events).toEqual([]);
    },
  );
});
