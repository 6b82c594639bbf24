import { SendMessageCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RelayUnderTest } from '../relay-under-test.ts';
import { CONFIRMED, HELD, jsonLines, optOutOf, REFUSED, relayUnderTest } from '../relay-under-test.ts';

let under: RelayUnderTest;
beforeAll(async () => {
  under = await relayUnderTest();
});
afterAll(() => under.stop());

describe('relay status', () => {
  it('has nothing to say of a relay that has done its work', async () => {
    await under.enter(optOutOf('done@example.com', { hours: 99 }), CONFIRMED);

    const { stdout, code } = await under.relay(['status']);

    expect(code).toBe(0);
    expect(stdout).toMatch(/^Nothing is open, held or refused\.\n/);
    expect(stdout).toMatch(/│ +0 │ +0 │ +0 │ +0 │/);
  });

  it('counts by state and source what waits, the oldest of each, and how long it has', async () => {
    await under.enter(optOutOf('a@example.com', { hours: 1 }));
    await under.enter(optOutOf('b@example.com', { hours: 5.5 }));
    await under.enter(optOutOf('c@example.com', { hours: 30, source: 'generic' }), HELD);
    const { receivedAt } = await under.enter(optOutOf('d@example.com', { hours: 400 }), REFUSED);
    await under.books.sqs.send(new SendMessageCommand({ QueueUrl: under.deadLetters, MessageBody: '{}' }));

    const [{ stdout, code }, told] = await Promise.all([under.relay(['status']), under.relay(['status', '--json'])]);

    expect(code).toBe(0);
    expect(stdout).toMatch(/open +│ sendgrid │ +2 │ 5 h 30 min │ 1 d 18 h left/);
    expect(stdout).toMatch(/held +│ generic +│ +1 │ 1 d 6 h +│ 17 h 59 min left/);
    expect(stdout).toContain('relay held lists');
    expect(stdout).toContain('relay redrive tries');
    expect(jsonLines(told.stdout).slice(2)).toEqual([
      { state: 'rejected', source: 'sendgrid', count: 1, oldestReceivedAt: receivedAt, isOverdue: false },
      { queue: { visible: 0, inFlight: 0, delayed: 0, dead: 1 } },
    ]);
  });

  it('says so, with 1, when something is overdue', async () => {
    await under.enter(optOutOf('late@example.com', { hours: 49.5 }), HELD);

    const { stdout, code } = await under.relay(['status']);

    expect(code).toBe(1);
    expect(stdout).toMatch(/held +│ sendgrid │ +1 │ 2 d 1 h +│ OVERDUE by 1 h 30 min/);
  });

  it('asks for the dead letters where the queue does not name them', async () => {
    await under.books.sqs.send(
      new SetQueueAttributesCommand({ QueueUrl: under.books.queueUrl, Attributes: { RedrivePolicy: '' } }),
    );

    expect(await under.relay(['status'])).toMatchObject({
      code: 1,
      stderr: 'relay status: the queue has no RedrivePolicy: name its dead letters with --dead-letters\n',
    });
    expect((await under.relay(['status', '--dead-letters', under.deadLetters])).stdout).toContain('dead letters');
  });
});
