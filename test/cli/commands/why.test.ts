import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportedEntry } from '../../../cli/entries/fields.ts';
import type { Completion } from '../../../functions/core/ledger/ledger.ts';
import type { RelayUnderTest } from '../relay-under-test.ts';
import { CONFIRMED, HELD, hoursAgo, jsonLines, optOutOf, REJECTED, relayUnderTest, run } from '../relay-under-test.ts';

let under: RelayUnderTest;
beforeAll(async () => {
  under = await relayUnderTest();
});
afterAll(() => under.stop());

const unwrapped = (text: string) => text.replace(/[│\s]+/g, ' ');

describe('relay why', () => {
  it('shows every opt-out of an address, oldest first, with its evidence and next step', async () => {
    await under.addEntry(optOutOf('ada@example.com', { hours: 2, source: 'postmark', kind: 'hard_bounce' }), REJECTED);
    const { id } = await under.addEntry(optOutOf('ada@example.com', { hours: 3 }), CONFIRMED, hoursAgo(2.5));

    const { stdout, stderr, code } = await under.relay(['why', 'Ada@Example.com ']);

    const text = unwrapped(stdout);
    expect([code, stderr]).toEqual([0, '']);
    expect(text).toMatch(
      /^2 opt-outs; .* from sendgrid .* confirmed \(evidence: response\), 30 min .* from postmark .* hard_bounce/,
    );
    expect(text).toContain(`correlation id c-1 receipt signed; to hand it out: relay proof id ${id}`);
    expect(text).toContain('HubSpot responded 400 VALIDATION_ERROR. A retry would get the same response.');
  });

  it.each<[string, Completion['outcome'] | undefined, string]>([
    [
      'held',
      HELD,
      'more opt-outs than usual within an hour. It has not been sent to HubSpot. next step relay release ',
    ],
    ['ambiguous', { kind: 'held', reason: 'ambiguous' }, 'named several recipients but meant one of them'],
    ['changed', { kind: 'held', reason: 'contact-changed' }, 'was merged, or no longer has the opt-out or bounce'],
    [
      'kept',
      { ...CONFIRMED, businessUnits: ['0', '7'], kept: ['4'], unchecked: true },
      "HubSpot's response confirms that the address is opted out of business unit 0, 7. Kept, because the person opted in " +
        'since: subscription 4. HubSpot could not be checked for a newer opt-in for a day, so it was made without.',
    ],
    [
      'kept-all',
      { kind: 'superseded', kept: ['4', '5'] },
      'nothing was changed. Kept, because the person opted in since: subscription 4, 5.',
    ],
    ['superseded', { kind: 'superseded' }, 'The newer choice wins, so nothing was changed. next step nothing'],
    [
      'read-back',
      { ...CONFIRMED, evidence: 'read-back', changed: false },
      "HubSpot's record, read after the call, confirms that the address is opted out. It was already opted out before.",
    ],
    ['no-address', { kind: 'rejected', status: 200, category: 'NO_ADDRESS' }, 'has no valid email address'],
    [
      'deferred',
      { kind: 'deferred', status: 503, retryAfterSeconds: 90_000 },
      "HubSpot's last response: 503. next step nothing: the next attempt is due in 23 h",
    ],
    [
      'refused',
      { kind: 'deferred', status: 401, category: 'EXPIRED_AUTHENTICATION', retryAfterSeconds: 90_000 },
      'response: 401 EXPIRED_AUTHENTICATION. next step HubSpot rejects the token of the relay: run relay doctor, and put a valid ' +
        'one into the hubspot secret; the next attempt is due in 23 h',
    ],
    [
      'forbidden',
      { kind: 'deferred', status: 403, category: 'MISSING_SCOPES', retryAfterSeconds: 90_000 },
      'next step the token of the relay may not do this: run relay doctor, which names the missing scopes; the next attempt',
    ],
    ['rejected', REJECTED, 'opt the person out by hand in HubSpot, then relay resolve '],
    [
      'lost',
      undefined,
      'The next attempt is overdue. next step nothing: the sweep requeues lost messages within an hour',
    ],
  ])('explains: %s', async (name, outcome, sentence) => {
    await under.addEntry(optOutOf(`${name}@example.com`), outcome);

    const { stdout } = await under.relay(['why', `${name}@example.com`]);

    expect(unwrapped(stdout)).toContain(sentence);
  });

  it('prints every field and the explanation with --json', async () => {
    const entry = await under.addEntry(
      optOutOf('json@example.com', { brand: 'acme', scope: { list: '42' } }),
      CONFIRMED,
    );

    const { stdout } = await under.relay(['why', '--json', 'json@example.com']);

    expect(jsonLines(stdout)).toEqual([
      { ...exportedEntry(entry), meaning: expect.stringContaining("HubSpot's response confirms"), next: 'nothing' },
    ]);
  });

  it('finds an erased address by its hash', async () => {
    await under.addEntry(optOutOf('erased@example.com'), HELD);
    await under.relay(['erase', 'erased@example.com']);

    const { stdout, code } = await under.relay(['why', 'erased@example.com']);

    expect(code).toBe(0);
    expect(unwrapped(stdout)).toMatch(/held, .* only its hash is left. next step nothing/);
    expect(stdout).not.toContain('erased@');
  });

  it('finds an opt-out by the id of a log line', async () => {
    const entry = await under.addEntry(optOutOf('by-id@example.com'), CONFIRMED);

    const { stdout, code } = await under.relay(['why', '--json', '--', entry.id]);

    expect(code).toBe(0);
    expect(jsonLines(stdout)).toMatchObject([{ id: entry.id, email: 'by-id@example.com' }]);
    expect((await under.relay(['why', 'x'.repeat(43)])).code).toBe(1);
  });

  it('finds the other entries if the hash keys are missing, and says so', async () => {
    await under.addEntry(optOutOf('keyless@example.com'), CONFIRMED);
    const env = join(under.dir, 'keyless.env');
    writeFileSync(env, `${readFileSync(under.env, 'utf8')}\nRECEIPTS_SECRET=nowhere\n`);

    const { stdout, stderr, code } = await run(['why', '--env', env, '--json', 'keyless@example.com']);

    expect([code, jsonLines(stdout).length]).toEqual([0, 1]);
    expect(stderr).toMatch(/^Erased entries cannot be searched: secret nowhere cannot be read: \w+\n$/);
  });

  it('exits with 1 if there is no opt-out', async () => {
    expect(await under.relay(['why', 'nobody@example.com'])).toEqual({
      stdout: '',
      stderr: 'No opt-out found: none was received, or its entries have been deleted.\n',
      code: 1,
    });
  });

  it.each([[[]], [['a@example.com', 'b@example.com']]])('expects one argument: %j', async (addresses) => {
    const { stderr, code } = await under.relay(['why', ...addresses]);

    expect(code).toBe(2);
    expect(stderr).toBe('relay why: expected one address or one id\nSee "relay help why".\n');
  });

  it('does not repeat an invalid address', async () => {
    expect(await under.relay(['why', 'shibboleth@'])).toMatchObject({
      stderr: 'relay why: the email address is not valid\n',
      code: 1,
    });
  });
});
