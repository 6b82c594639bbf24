import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RelayUnderTest } from '../relay-under-test.ts';
import { CONFIRMED, HELD, jsonLines, optOutOf, REJECTED, relayUnderTest } from '../relay-under-test.ts';

let under: RelayUnderTest;
beforeAll(async () => {
  under = await relayUnderTest();
});
afterAll(() => under.stop());

const redriven = async (...args: string[]) => jsonLines((await under.relay(['redrive', '--json', ...args])).stdout);

describe('relay redrive', () => {
  it('shows its plan with --dry-run, and retries without it', async () => {
    const old = (name: string) => optOutOf(`${name}@example.com`, { hours: 60 });
    const [unopened, open, closed, held] = [old('unattempted'), old('open'), old('closed'), old('held')] as const;
    const rejected = await under.addEntry(old('rejected'), REJECTED);
    await under.addEntry(open, { kind: 'deferred', status: 503, retryAfterSeconds: 1 });
    await under.addEntry(closed, CONFIRMED);
    await under.addEntry(held, HELD);
    const erase = { version: 1, erase: '4711', receivedAt: open.receivedAt };
    for (const message of [unopened, open, closed, held, erase]) await under.addDeadLetter(message);
    const plan = [
      { what: 'unattempted', count: 2 },
      { what: 'open', count: 1 },
      { what: 'closed', count: 2 },
      { what: 'rejected', count: 1 },
    ];

    const shown = await under.relay(['redrive', '--dry-run']);
    expect(shown.stdout).toMatch(/dead letter, still open +│ +1 │ sent to the queue again/);
    expect(shown.stdout).toMatch(/│ sendgrid │ opt_out │ 400 VALIDATION_ERROR │ rejected@example.com │/);
    expect(await redriven()).toEqual(plan);

    for (const { id } of [unopened, open, rejected]) await under.becomes(id, 'confirmed');
    await under.becomes(held.id, 'held');
    expect(await under.contact('closed@example.com')).toMatchObject({ optOutWrites: 0 });
  });

  it('leaves messages that this relay did not write and exits with 1', async () => {
    await under.addDeadLetter({ hello: 'world' });

    const { stdout, code } = await under.relay(['redrive']);

    expect(code).toBe(1);
    expect(stdout).toContain('left: inspect it in the SQS console');
    expect((await under.relay(['redrive', '--source', 'braze'])).stdout).toMatch(/^There are no dead letters/);
  });

  it('retries one source or the given ids only', async () => {
    const [one, other] = [
      await under.addEntry(optOutOf('one@example.com', { source: 'postal' }), REJECTED),
      await under.addEntry(optOutOf('other@example.com', { source: 'brevo' }), REJECTED),
    ];

    const listed = await redriven('--dry-run', '--source', 'postal');
    expect(listed).toMatchObject([
      { what: 'rejected', count: 1 },
      { id: one.id, lastStatus: 400 },
    ]);
    expect(await redriven('--source', 'postal')).toEqual([{ what: 'rejected', count: 1 }]);
    await under.becomes(one.id, 'confirmed');
    await under.becomes(other.id, 'rejected');
    expect(await redriven('--', other.id)).toEqual([{ what: 'rejected', count: 1 }]);
    await under.becomes(other.id, 'confirmed');
  });

  it('respects a newer opt-in', async () => {
    const optOut = optOutOf('back@example.com', { hours: 50 });
    await under.addDeadLetter(optOut);
    const timestamp = new Date().toISOString();
    await under.sim('contacts/back@example.com', 'PUT', { statuses: [{ status: 'SUBSCRIBED', timestamp }] });

    await under.relay(['redrive']);

    await under.becomes(optOut.id, 'superseded');
    expect(await under.contact('back@example.com')).toMatchObject({ optedOut: false, optOutWrites: 0 });
  });

  it('asks for confirmation of more than ten', async () => {
    for (let count = 0; count < 11; count += 1) {
      await under.addEntry(optOutOf(`many${count}@example.com`, { source: 'klaviyo' }), REJECTED);
    }

    const { stderr, code } = await under.relay(['redrive', '--source', 'klaviyo']);

    expect(code).toBe(2);
    expect(stderr).toContain('this changes 11 messages: add --yes to confirm');
  });

  it('rejects an unknown id with 2', async () => {
    expect(await under.relay(['redrive', 'abcdefgh'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no rejected opt-out has an id that starts with abcdefgh'),
    });
  });
});
