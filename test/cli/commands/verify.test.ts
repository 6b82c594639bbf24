import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkLine } from '../../../cli/verify/check-entry.ts';
import { until } from '../../local/stack-under-test.ts';
import { signedBySendgrid } from '../../signed-samples.ts';
import type { RelayUnderTest } from '../relay-under-test.ts';
import { CONFIRMED, HELD, jsonLines, optOutOf, REJECTED, relayUnderTest, run } from '../relay-under-test.ts';

let under: RelayUnderTest;
let folder: string;
let ledger: string;
let keys: string;

beforeAll(async () => {
  under = await relayUnderTest();
  folder = mkdtempSync(join(tmpdir(), 'optout-relay-verify-'));
  [ledger, keys] = [join(folder, 'ledger.jsonl'), join(folder, 'keys.json')];
  await under.addEntry(optOutOf('ada@example.com'), CONFIRMED);
  await under.addEntry(optOutOf('bob@example.com', { scope: { list: '42' } }), REJECTED);
  await under.addEntry(optOutOf('eve@example.com'), HELD);
  await under.addEntry(optOutOf('gone@example.com'), { kind: 'superseded' });
  await under.addEntry(optOutOf('open@example.com'));
  await under.relay(['erase', 'gone@example.com']);
  await under.relay(['export', '--output', ledger]);
  await under.relay(['keys', '--output', keys]);
});
afterAll(async () => {
  await under.stop();
  rmSync(folder, { recursive: true, force: true });
});

const lines = () => readFileSync(ledger, 'utf8').trim().split('\n');
const lineOf = (name: string) => lines().find((line) => line.includes(name)) ?? '';
const verified = (text: string, ...args: string[]) => run(['verify', '--json', ...args, '-'], { text });

describe('relay export', () => {
  it('writes every entry to a file that only its owner can read', async () => {
    const { stdout, stderr, code } = await under.relay(['export', '--output', ledger]);

    expect([code, stdout, stderr]).toEqual([0, '', `5 entries in ${ledger}\n`]);
    expect(statSync(ledger).mode & 0o777).toBe(0o600);
    expect(jsonLines(readFileSync(ledger, 'utf8'))).toHaveLength(5);
    expect(lineOf('open@')).not.toContain('leasedUntil');
  });

  it('writes CSV with a column for each field', async () => {
    const { stdout } = await under.relay(['export', '--format', 'csv']);

    const rows: Record<string, string>[] = parse(stdout, { columns: true });
    expect(rows).toHaveLength(5);
    expect(rows.find(({ email }) => email === 'bob@example.com')).toMatchObject({
      state: 'rejected',
      scope: '42',
      lastStatus: '400',
      brand: '',
      attempts: '1',
    });
  });

  it('escapes cells that a spreadsheet would run as a formula', async () => {
    await under.addEntry(optOutOf("=cmd|'/c'!a0@example.com"), CONFIRMED);

    const { stdout } = await under.relay(['export', '--format', 'csv']);

    expect(stdout).toContain(",'=cmd|'/c'!a0@example.com,");
    expect(stdout).not.toMatch(/(?:^|,)[=+@-]/m);
  });

  it('rejects an unknown format with 2', async () => {
    expect(await under.relay(['export', '--format', 'xml'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--format is jsonl or csv'),
    });
  });
});

describe('relay keys', () => {
  it('writes public keys only', async () => {
    const { stdout, code } = await under.relay(['keys', '--public']);

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      keys: [{ kty: 'OKP', crv: 'Ed25519', x: expect.stringMatching(/^[\w-]{43}$/), kid: 'local' }],
    });
  });
});

describe('relay verify', () => {
  it('proves an export with only the public keys', async () => {
    const { stdout, stderr, code } = await run(['verify', '--key', keys, ledger]);

    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/proven │ 4 │\n│ open +│ 1 │/);
  });

  it('also proves the addresses with the secret', async () => {
    const { stdout, code } = await under.relay(['verify', '--address', '--json', ledger]);

    expect([code, JSON.parse(stdout)]).toEqual([0, { proven: 4, open: 1, unsigned: 0, wrong: 0 }]);
  });

  it.each<[string, (line: string) => string, string]>([
    ['a changed state', (line) => line.replace('"confirmed"', '"rejected"'), 'differs from the receipt: state'],
    ['a changed time', (line) => line.replace(/"closedAt":"2/, '"closedAt":"1'), 'differs from the receipt: closedAt'],
    ['a removed field', (line) => line.replace(/"evidence":"response",/, ''), 'differs from the receipt: evidence'],
    [
      'a changed receipt',
      (line) => line.replace(/.{9}"}$/, 'AAAAAAAAA"}'),
      'the receipt was not signed with any of the keys',
    ],
    ['a truncated line', (line) => line.slice(0, 100), 'not an entry of a JSON Lines export'],
    ['a removed receipt', (line) => line.replace(/,"signedReceipt":"[^"]*"/, ''), 'completed but not signed yet'],
  ])('reports %s', async (_what, change, fault) => {
    const { stderr, code } = await verified(`${lineOf('bob@')}\n${change(lineOf('ada@'))}\n`, '--key', keys);

    expect([code, stderr]).toEqual([1, `line 2: ${fault}\n`]);
  });

  it('detects a changed address or hash only with the secret', async () => {
    const changed = lines().map((line) => line.replace('ada@', 'eda@').replace(/"email":"[\w-]{43}"/, '"email":"x"'));

    expect((await verified(changed.join('\n'), '--key', keys)).code).toBe(0);
    expect(
      JSON.parse((await under.relay(['verify', '--json', '--address', '-'], { text: changed.join('\n') })).stdout),
    ).toEqual({
      proven: 2,
      open: 1,
      unsigned: 0,
      wrong: 2,
    });
  });

  it('proves an event that the sender repeated while the first attempt was deferred', async () => {
    await under.sim('faults', 'POST', [{ match: 'twice', status: 503, times: 1 }]);
    const event = { email: 'twice@example.com', event: 'unsubscribe', timestamp: 1_795_600_000, sg_event_id: 'twice' };
    const state = async () => jsonLines((await under.relay(['why', '--json', event.email])).stdout)[0]?.state;
    await under.post(signedBySendgrid([event], new Date()));
    await until(state, (current) => current === 'open');
    await under.post(signedBySendgrid([event], new Date()));
    await until(state, (current) => current === 'confirmed');

    const { stdout } = await under.relay(['export']);

    expect((await verified(stdout, '--key', keys)).code).toBe(0);
  });

  it('detects a change of any byte in the signed fields', async () => {
    const line = lineOf('ada@');
    const check = { keys: await under.context.receipts.publicKeys(), hashes: under.context.receipts.hashes };
    const missed: string[] = [];

    for (const changed of eachByteChanged(line, ['claimedAt', 'attempts'])) {
      if ((await checkLine(changed, 1, check)).result === 'proven') missed.push(changed);
    }

    expect(missed).toEqual([]);
  });

  it('exits with 1 for an empty export', async () => {
    const { stderr, code } = await verified('', '--key', keys);

    expect([code, stderr]).toEqual([1, 'The input has no entries. Did the export fail?\n']);
  });

  it('rejects an export with keys of another relay', async () => {
    const others = join(folder, 'others.json');
    const [key] = JSON.parse(readFileSync(keys, 'utf8')).keys;
    writeFileSync(others, JSON.stringify({ keys: [{ ...key, x: Buffer.alloc(32, 7).toString('base64url') }] }));

    expect((await run(['verify', '--key', others, ledger])).code).toBe(1);
  });

  it('proves an entry that was erased with a newer hash key than its receipt has', async () => {
    const optOut = optOutOf('late@example.com');
    await under.addEntry(optOut, CONFIRMED);
    await putHashKeyFirst();
    await under.relay(['erase', 'late@example.com']);

    const { stdout } = await under.relay(['export']);
    const line = stdout.split('\n').find((each) => each.includes(optOut.id)) ?? '';
    const { code } = await under.relay(['verify', '--address', '-'], { text: line });

    expect([code, line]).toEqual([0, expect.stringContaining('erasedAt')]);
    expect((await under.relay(['why', 'late@example.com'])).code).toBe(0);
  });

  it.each<[string, () => readonly string[], string]>([
    ['no file', () => ['--key', keys], 'expected one file'],
    ['an invalid key set', () => ['--key', ledger, ledger], 'is not a key set written by relay keys'],
  ])('rejects %s with 2', async (_what, args, sentence) => {
    const { stderr, code } = await run(['verify', ...args()]);

    expect(code).toBe(2);
    expect(stderr).toContain(sentence);
  });
});

async function putHashKeyFirst(): Promise<void> {
  const client = new SecretsManagerClient();
  const SecretId = process.env.RECEIPTS_SECRET;
  const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId }));
  const { keys: signing, hashKeys } = JSON.parse(SecretString);
  const rotated = { keys: signing, hashKeys: [randomBytes(32).toString('base64url'), ...hashKeys] };
  await client.send(new PutSecretValueCommand({ SecretId, SecretString: JSON.stringify(rotated) }));
  client.destroy();
}

/** Every variant of the line with one signed byte replaced, except variants that are the same JSON. */
function* eachByteChanged(line: string, unsigned: readonly string[]): Generator<string> {
  const fields = [...line.matchAll(/"(\w+)":(?:"[^"]*"|[^,}]*)/g)].filter(({ 1: name = '' }) =>
    unsigned.includes(name),
  );
  const isUnsigned = (at: number) => fields.some(({ 0: { length }, index }) => at >= index && at < index + length);
  const places = [...line].flatMap((_byte, at) => (isUnsigned(at) ? [] : [at]));
  for (const at of places) {
    const all = ['A', 'b', '7', ' '].map((byte) => line.slice(0, at) + byte + line.slice(at + 1));
    yield* all.filter((changed) => JSON.stringify(jsonOf(changed)) !== line);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
