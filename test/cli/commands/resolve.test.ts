import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyReceipt } from '../../../functions/crypto/signed-receipts.ts';
import type { RelayUnderTest } from '../relay-under-test.ts';
import { HELD, jsonLines, optOutOf, REJECTED, relayUnderTest, run } from '../relay-under-test.ts';

let under: RelayUnderTest;
beforeAll(async () => {
  under = await relayUnderTest();
});
afterAll(() => under.stop());

const NOTE = 'opted out in HubSpot, ticket 4711';
const resolve = (...args: readonly string[]) => under.relay(['resolve', ...args]);
const rejected = (name: string) => under.addEntry(optOutOf(`${name}@example.com`), REJECTED);

describe('relay resolve', () => {
  it('closes a rejected opt-out under a signed receipt that says so, and does not confirm it', async () => {
    const { id } = await rejected('ada');

    const { stdout, code } = await resolve('--note', ` ${NOTE} `, '--', id.slice(0, 8));

    expect([code, stdout]).toEqual([0, '1 opt-out resolved.\n']);
    const entry = await under.context.ledger.find(id);
    expect(entry).toMatchObject({ state: 'rejected', note: NOTE, resolvedAt: expect.stringMatching(/^2\d{3}-/) });
    const receipt = await verifyReceipt(`${entry?.signedReceipt}`, await under.context.receipts.publicKeys());
    expect(receipt).toMatchObject({ id, outcome: 'rejected', status: 400, note: NOTE, resolvedAt: entry?.resolvedAt });
  });

  it('takes it off the lists of what is left to do, and redrive leaves it', async () => {
    const { id } = await rejected('bob');
    await resolve('--note', NOTE, '--', id);

    const redriven = await under.relay(['redrive', '--dry-run', '--json']);
    const status = await under.relay(['status', '--json']);
    const why = await under.relay(['why', 'bob@example.com']);

    expect(redriven.stdout).not.toContain(id);
    expect(jsonLines(status.stdout).filter(({ state }) => state === 'rejected')).toEqual([]);
    expect(why.stdout).toContain(NOTE);
    expect(why.stdout).toMatch(/next step +│ nothing/);
    expect((await resolve('--note', 'again', '--', id)).code).toBe(2);
  });

  it('is detected by relay verify if the note is changed', async () => {
    const { id } = await rejected('eve');
    await resolve('--note', NOTE, '--', id);
    const line = (await under.relay(['export'])).stdout.split('\n').find((each) => each.includes(id)) ?? '';
    const verify = (text: string) => run(['verify', '--env', under.env, '--json', '-'], { text });

    expect(JSON.parse((await verify(line)).stdout)).toMatchObject({ proven: 1, wrong: 0 });
    expect((await verify(line.replace('4711', '4712'))).stderr).toBe('line 1: differs from the receipt: note\n');
  });

  it.each<[string, readonly string[], string]>([
    ['no note', [], '--note is missing'],
    ['a blank note', ['--note', ' '], '--note is missing'],
    ['a long note', ['--note', 'x'.repeat(201)], '--note has more than 200 characters'],
    ['an address in the note', ['--note', 'called shibboleth@example.com'], '--note contains an address'],
  ])('rejects %s with 2 and changes nothing', async (what, args, message) => {
    const { id } = await rejected(what.replaceAll(' ', '-'));

    const { code, stderr } = await resolve(...args, '--', id);

    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('shibboleth');
    expect(await under.context.ledger.find(id)).not.toHaveProperty('resolvedAt');
  });

  it('rejects an opt-out that is not rejected, and a command without an id', async () => {
    const { id } = await under.addEntry(optOutOf('held@example.com'), HELD);

    expect((await resolve('--note', NOTE, '--', id)).stderr).toContain(
      'no rejected opt-out has an id that starts with',
    );
    expect(await resolve('--note', NOTE)).toMatchObject({ code: 2, stderr: expect.stringContaining('expected an id') });
  });

  it('changes nothing without a key to sign with', async () => {
    const { id } = await rejected('keyless');
    const env = join(under.dir, 'keyless.env');
    writeFileSync(env, `${readFileSync(under.env, 'utf8')}RECEIPTS_SECRET=nowhere\n`);

    const { code, stderr } = await run(['resolve', '--env', env, '--note', NOTE, '--', id]);

    expect([code, stderr]).toEqual([1, 'relay resolve: the receipts secret has no key to sign with\n']);
    expect(await under.context.ledger.find(id)).not.toHaveProperty('resolvedAt');
  });
});
