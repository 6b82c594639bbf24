import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Completion } from '../../../functions/core/ledger/ledger.ts';
import type { RelayUnderTest } from '../relay-under-test.ts';
import { CONFIRMED, HELD, hoursAgo, jsonLines, optOutOf, REFUSED, relayUnderTest, run } from '../relay-under-test.ts';

let under: RelayUnderTest;
beforeAll(async () => {
  under = await relayUnderTest();
});
afterAll(() => under.stop());

const whole = (text: string) => text.replace(/[│\s]+/g, ' ');

describe('relay why', () => {
  it('tells every opt-out of an address, the oldest first, with its proof and what to do', async () => {
    await under.enter(optOutOf('ada@example.com', { hours: 2, source: 'postmark', kind: 'hard_bounce' }), REFUSED);
    const { id } = await under.enter(optOutOf('ada@example.com', { hours: 3 }), CONFIRMED, hoursAgo(2.5));

    const { stdout, stderr, code } = await under.relay(['why', 'Ada@Example.com ']);

    const words = whole(stdout);
    expect([code, stderr]).toEqual([0, '']);
    expect(words).toMatch(
      /^2 opt-outs; .* from sendgrid .* confirmed by response, 30 min .* from postmark .* hard_bounce/,
    );
    expect(words).toContain(`correlation id c-1 receipt signed; relay export and relay verify check it id ${id}`);
    expect(words).toContain('HubSpot answered 400 VALIDATION_ERROR, and will however often it is told.');
  });

  it.each<[string, Completion['outcome'] | undefined, string]>([
    ['held', HELD, 'so a person must look first. HubSpot has not been told. to do relay release '],
    ['ambiguous', { kind: 'held', reason: 'ambiguous' }, 'named several people and meant one of them'],
    ['superseded', { kind: 'superseded' }, 'the newer word counts, and nothing was changed. to do nothing'],
    [
      'asked-again',
      { ...CONFIRMED, evidence: 'read-back', changed: false },
      'when it was asked again that the address is opted out, and had been before.',
    ],
    ['no-address', { kind: 'rejected', status: 200, category: 'NO_ADDRESS' }, 'has no address that a mail could reach'],
    [
      'deferred',
      { kind: 'deferred', status: 503, retryAfterSeconds: 90_000 },
      'HubSpot answered 503 last. to do nothing: it is tried again in 23 h',
    ],
    ['lost', undefined, 'It should have been tried again. to do nothing: what the queue has lost, the sweep brings'],
  ])('says in words what %s means', async (name, outcome, sentence) => {
    await under.enter(optOutOf(`${name}@example.com`), outcome);

    const { stdout } = await under.relay(['why', `${name}@example.com`]);

    expect(whole(stdout)).toContain(sentence);
  });

  it('tells programs everything, and the meaning, a line each', async () => {
    const entry = await under.enter(optOutOf('json@example.com', { brand: 'acme', scope: { list: '42' } }), CONFIRMED);

    const { stdout } = await under.relay(['why', '--json', 'json@example.com']);

    expect(jsonLines(stdout)).toEqual([
      { ...entry, means: expect.stringContaining('HubSpot itself'), next: 'nothing' },
    ]);
  });

  it('finds, by its hash, an address that was forgotten', async () => {
    await under.enter(optOutOf('forgotten@example.com'), HELD);
    await under.relay(['forget', 'forgotten@example.com']);

    const { stdout, code } = await under.relay(['why', 'forgotten@example.com']);

    expect(code).toBe(0);
    expect(whole(stdout)).toMatch(/held, .* only its hash is left. to do nothing/);
    expect(stdout).not.toContain('forgotten@');
  });

  it('takes the id that the log has, in place of the address', async () => {
    const entry = await under.enter(optOutOf('by-id@example.com'), CONFIRMED);

    const { stdout, code } = await under.relay(['why', '--json', '--', entry.id]);

    expect(code).toBe(0);
    expect(jsonLines(stdout)).toMatchObject([{ id: entry.id, email: 'by-id@example.com' }]);
    expect((await under.relay(['why', 'x'.repeat(43)])).code).toBe(1);
  });

  it('knows of whom is not forgotten when there are no keys to look for the others, and says so', async () => {
    await under.enter(optOutOf('keyless@example.com'), CONFIRMED);
    const env = join(under.dir, 'keyless.env');
    writeFileSync(env, `${readFileSync(under.env, 'utf8')}\nRECEIPTS_SECRET=nowhere\n`);

    const { stdout, stderr, code } = await run(['why', '--env', env, '--json', 'keyless@example.com']);

    expect([code, jsonLines(stdout).length]).toEqual([0, 1]);
    expect(stderr).toMatch(/^What is forgotten cannot be looked for: secret nowhere cannot be read: \w+\n$/);
  });

  it('says, with 1, that nothing is known', async () => {
    expect(await under.relay(['why', 'nobody@example.com'])).toEqual({
      stdout: '',
      stderr: 'Nothing is known of it: no source has named it, or its entries are deleted.\n',
      code: 1,
    });
  });

  it.each([[[]], [['a@example.com', 'b@example.com']]])('wants one address: %j', async (addresses) => {
    const { stderr, code } = await under.relay(['why', ...addresses]);

    expect(code).toBe(2);
    expect(stderr).toBe('relay why: it takes one address, or one id\n"relay help why" says how it is called\n');
  });

  it('does not repeat what is no address', async () => {
    expect(await under.relay(['why', 'shibboleth@'])).toMatchObject({
      stderr: 'relay why: the email address is not valid\n',
      code: 1,
    });
  });
});
