import { SendMessageCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { separateWaiting } from '../../../cli/queue/depth.ts';
import type { RelayUnderTest } from '../relay-under-test.ts';
import { CONFIRMED, HELD, jsonLines, optOutOf, REJECTED, relayUnderTest } from '../relay-under-test.ts';

let under: RelayUnderTest;
beforeAll(async () => {
  under = await relayUnderTest();
});
afterAll(() => under.stop());

describe('relay status', () => {
  it('shows an empty backlog if everything is completed', async () => {
    await under.addEntry(optOutOf('done@example.com', { hours: 99 }), CONFIRMED);

    const { stdout, code } = await under.relay(['status']);

    expect(code).toBe(0);
    expect(stdout).toMatch(/^No opt-outs are open, held or rejected\.\n/);
    expect(stdout).toMatch(/│ +0 │ +0 │ +0 │ +0 │ +0 │/);
  });

  it('shows count, oldest and deadline by state and source', async () => {
    await under.addEntry(optOutOf('a@example.com', { hours: 1 }));
    await under.addEntry(optOutOf('b@example.com', { hours: 5.5 }));
    await under.addEntry(optOutOf('c@example.com', { hours: 30, source: 'generic' }), HELD);
    const { receivedAt } = await under.addEntry(optOutOf('d@example.com', { hours: 400 }), REJECTED);
    await under.context.sqs.send(new SendMessageCommand({ QueueUrl: under.deadLettersUrl, MessageBody: '{}' }));

    const [{ stdout, code }, json] = await Promise.all([under.relay(['status']), under.relay(['status', '--json'])]);

    expect(code).toBe(0);
    expect(stdout).toMatch(/open +│ sendgrid │ +2 │ 5 h 30 min │ 1 d 18 h left/);
    expect(stdout).toMatch(/held +│ generic +│ +1 │ 1 d 6 h +│ 17 h 59 min left/);
    expect(stdout).toContain('wait for your decision: relay held');
    expect(stdout).toContain('dead letters: relay redrive');
    expect(jsonLines(json.stdout).slice(2)).toEqual([
      {
        ...{ state: 'rejected', source: 'sendgrid', count: 1, oldestReceivedAt: receivedAt, isOverdue: false },
        lastResponse: '400 VALIDATION_ERROR',
      },
      { queue: { visible: 0, inFlight: 0, waiting: 0, delayed: 0, dead: 1 } },
    ]);
  });

  it("shows HubSpot's last response, when the next attempt is due, and what waits for it", async () => {
    const deferred = { kind: 'deferred', retryAfterSeconds: 3_600 } as const;
    const now = new Date();
    for (const [address, status, seconds] of [
      ['w1@example.com', 401, 1_800],
      ['w2@example.com', 503, 3_600],
      ['w3@example.com', 401, 7_200],
    ] as const) {
      const optOut = optOutOf(address, { source: 'mailgun' });
      await under.addEntry(optOut, { ...deferred, status, retryAfterSeconds: seconds }, now);
    }

    const [{ stdout }, json] = await Promise.all([under.relay(['status']), under.relay(['status', '--json'])]);

    expect(stdout).toMatch(/open +│ mailgun +│ +3 │ 1 h +│ 1 d 22 h left +│ 401 +│ in (29|30) min/);
    expect(stdout).toContain("HubSpot refuses the relay's token or its scopes. To find out why: relay doctor\n");
    const rows = jsonLines(json.stdout);
    expect(rows.find(({ source }) => source === 'mailgun')).toMatchObject({ waiting: 3, lastResponse: '401' });
  });

  it('does not count what waits for its next attempt as in flight', () => {
    const depth = { visible: 1, inFlight: 5, delayed: 0, dead: 0 };

    expect(separateWaiting(depth, 3)).toEqual({ ...depth, inFlight: 2, waiting: 3 });
    expect(separateWaiting(depth, 9)).toEqual({ ...depth, inFlight: 0, waiting: 5 });
  });

  it('exits with 1 if an opt-out is overdue', async () => {
    await under.addEntry(optOutOf('late@example.com', { hours: 49.5 }), HELD);

    const { stdout, code } = await under.relay(['status']);

    expect(code).toBe(1);
    expect(stdout).toMatch(/held +│ sendgrid │ +1 │ 2 d 1 h +│ OVERDUE by 1 h 30 min/);
  });

  it('needs --dead-letters if the queue has no RedrivePolicy', async () => {
    await under.context.sqs.send(
      new SetQueueAttributesCommand({ QueueUrl: under.context.queueUrl, Attributes: { RedrivePolicy: '' } }),
    );

    expect(await under.relay(['status'])).toMatchObject({
      code: 1,
      stderr: 'relay status: the queue has no RedrivePolicy: pass --dead-letters <url>\n',
    });
    expect((await under.relay(['status', '--dead-letters', under.deadLettersUrl])).stdout).toContain('dead letters');
  });
});
