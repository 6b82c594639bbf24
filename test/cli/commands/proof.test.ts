import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RelayUnderTest } from '../relay-under-test.ts';
import { CONFIRMED, HELD, optOutOf, relayUnderTest, run } from '../relay-under-test.ts';

let under: RelayUnderTest;
let folder: string;
let file: string;
let keys: string;
beforeAll(async () => {
  under = await relayUnderTest();
  folder = mkdtempSync(join(tmpdir(), 'optout-relay-proof-'));
  [file, keys] = [join(folder, 'ada.json'), join(folder, 'keys.json')];
  await under.addEntry(optOutOf('ada@example.com', { hours: 1, key: 'later' }), HELD);
  await under.addEntry(optOutOf('ada@example.com', { hours: 9 }), CONFIRMED);
  await under.addEntry(optOutOf('bob@example.com'), CONFIRMED);
  await under.relay(['keys', '--output', keys]);
});
afterAll(async () => {
  await under.stop();
  rmSync(folder, { recursive: true, force: true });
});

const written = (path = file) => JSON.parse(readFileSync(path, 'utf8'));
function changed(change: (text: string) => string): string {
  const path = join(folder, `${randomUUID()}.json`);
  writeFileSync(path, change(readFileSync(file, 'utf8')));
  return path;
}

describe('relay proof', () => {
  it("writes one person's opt-outs with their receipts, meaning and keys, for its owner only", async () => {
    const { code, stdout, stderr } = await under.relay(['proof', '--output', file, 'Ada@Example.com']);

    expect([code, stdout, stderr]).toEqual([0, '', `2 opt-outs in ${file}\n`]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(written().entries).toMatchObject([
      { state: 'confirmed', email: 'ada@example.com', meaning: expect.stringContaining('confirms that the address') },
      { state: 'held', email: 'ada@example.com', signedReceipt: expect.stringMatching(/^eyJ/) },
    ]);
    expect(written().keys).toEqual(JSON.parse(readFileSync(keys, 'utf8')).keys);
    expect(Object.keys(written())).toEqual([
      ...['about', 'createdAt', 'address', 'proves', 'doesNotProve', 'howToCheck', 'entries', 'keys'],
    ]);
    expect(readFileSync(file, 'utf8')).not.toContain('bob@');
  });

  it('is checked by relay verify with the published keys, without AWS access', async () => {
    const { code, stdout, stderr } = await run(['verify', '--json', '--key', keys, file]);

    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toEqual({ proven: 2, open: 0, unsigned: 0, wrong: 0 });
  });

  it('is checked with its own keys if none are given, which is pointed out', async () => {
    const { code, stdout, stderr } = await run(['verify', '--json', file]);

    expect([code, JSON.parse(stdout).proven]).toEqual([0, 2]);
    expect(stderr).toBe(
      'The keys are those in the file itself. To check that they are the keys of the relay, add --key.\n',
    );
  });

  it('does not pass if an entry is changed, the keys are others, or the address is another', async () => {
    const forged = await run(['verify', '--key', keys, changed((text) => text.replace('"sendgrid"', '"form"'))]);
    const others = changed((text) => text.replace(/"x": ".{4}/, '"x": "AAAA'));
    const other = changed((text) => text.replaceAll('"email": "ada@', '"email": "bob@'));

    expect([forged.code, forged.stderr]).toEqual([1, 'entry 1: differs from the receipt: source\n']);
    expect((await run(['verify', others])).code).toBe(1);
    expect((await run(['verify', '--env', under.env, '--address', other])).stderr).toContain(
      'entry 1: differs from the receipt: email\n',
    );
    expect((await run(['verify', changed((text) => text.replace('"keys": [', '"keys": [{}, '))])).code).toBe(2);
  });

  it('prints one opt-out by its id, without the address that was asked for', async () => {
    const { id } = await under.addEntry(optOutOf('cem@example.com'), CONFIRMED);

    const { code, stdout } = await under.relay(['proof', '--', id]);

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ entries: [{ id }] });
    expect(JSON.parse(stdout)).not.toHaveProperty('address');
  });

  it('finds the entries of an erased person, with the hash in place of the address', async () => {
    await under.addEntry(optOutOf('gone@example.com'), CONFIRMED);
    await under.relay(['erase', 'gone@example.com']);

    const { code, stdout } = await under.relay(['proof', 'gone@example.com']);

    expect(code).toBe(0);
    expect(JSON.parse(stdout).entries).toMatchObject([{ email: expect.stringMatching(/^[\w-]{43}$/) }]);
  });

  it('exits with 1 if an entry is not signed, and if there is none', async () => {
    const optOut = optOutOf('unsigned@example.com');
    await under.context.ledger.claim(optOut, new Date(optOut.receivedAt));
    await under.context.ledger.complete(optOut, { attempt: 1, outcome: CONFIRMED }, new Date());

    expect(await under.relay(['proof', 'unsigned@example.com'])).toMatchObject({
      code: 1,
      stderr: 'entry 1: completed but not signed yet\n',
    });
    expect(await under.relay(['proof', 'nobody@example.com'])).toMatchObject({ code: 1, stdout: '' });
    expect(await under.relay(['proof', 'shibboleth'])).toMatchObject({ code: 1, stdout: '' });
  });
});
