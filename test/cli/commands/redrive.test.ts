import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RelayUnderTest } from '../relay-under-test.ts';
import { CONFIRMED, HELD, jsonLines, optOutOf, REFUSED, relayUnderTest } from '../relay-under-test.ts';

let under: RelayUnderTest;
beforeAll(async () => {
  under = await relayUnderTest();
});
afterAll(() => under.stop());

const redriven = async (...args: string[]) => jsonLines((await under.relay(['redrive', '--json', ...args])).stdout);

describe('relay redrive', () => {
  it('shows what it would do, and does it only when it is told to', async () => {
    const old = (name: string) => optOutOf(`${name}@example.com`, { hours: 60 });
    const [unopened, open, closed, held] = [old('unopened'), old('open'), old('closed'), old('held')] as const;
    const refused = await under.enter(old('rejected'), REFUSED);
    await under.enter(open, { kind: 'deferred', status: 503, retryAfterSeconds: 1 });
    await under.enter(closed, CONFIRMED);
    await under.enter(held, HELD);
    const erase = { version: 1, erase: '4711', receivedAt: open.receivedAt };
    for (const letter of [unopened, open, closed, held, erase]) await under.bury(letter);
    const plan = [
      { what: 'unopened', count: 2 },
      { what: 'open', count: 1 },
      { what: 'closed', count: 2 },
      { what: 'rejected', count: 1 },
    ];

    const shown = await under.relay(['redrive', '--dry-run']);
    expect(shown.stdout).toMatch(/dead letter that is still open +│ +1 │ sent to the queue again/);
    expect(shown.stdout).toMatch(/│ sendgrid │ opt_out │ 400 VALIDATION_ERROR │ rejected@example.com │/);
    expect(await redriven()).toEqual(plan);

    for (const { id } of [unopened, open, refused]) await under.becomes(id, 'confirmed');
    await under.becomes(held.id, 'held');
    expect(await under.contact('closed@example.com')).toMatchObject({ optOutWrites: 0 });
  });

  it('leaves alone what is none of ours, and says so with 1', async () => {
    await under.bury({ hello: 'world' });

    const { stdout, code } = await under.relay(['redrive']);

    expect(code).toBe(1);
    expect(stdout).toContain('left: look at it in the SQS console');
    expect((await under.relay(['redrive', '--source', 'braze'])).stdout).toMatch(/^There is no dead letter/);
  });

  it('takes those of a source, or those that are named, alone', async () => {
    const [one, other] = [
      await under.enter(optOutOf('one@example.com', { source: 'postal' }), REFUSED),
      await under.enter(optOutOf('other@example.com', { source: 'brevo' }), REFUSED),
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

  it('does not opt out who has opted in since', async () => {
    const optOut = optOutOf('back@example.com', { hours: 50 });
    await under.bury(optOut);
    const timestamp = new Date().toISOString();
    await under.sim('contacts/back@example.com', 'PUT', { statuses: [{ status: 'SUBSCRIBED', timestamp }] });

    await under.relay(['redrive']);

    await under.becomes(optOut.id, 'superseded');
    expect(await under.contact('back@example.com')).toMatchObject({ optedOut: false, optOutWrites: 0 });
  });

  it('asks before many', async () => {
    for (let count = 0; count < 11; count += 1) {
      await under.enter(optOutOf(`many${count}@example.com`, { source: 'klaviyo' }), REFUSED);
    }

    const { stderr, code } = await under.relay(['redrive', '--source', 'klaviyo']);

    expect(code).toBe(2);
    expect(stderr).toContain('these are 11 messages: say --yes if you mean all of them');
  });

  it('explains, with 2, an id that nothing refused has', async () => {
    expect(await under.relay(['redrive', 'abcdefgh'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('nothing that is rejected has the id abcdefgh'),
    });
  });
});
