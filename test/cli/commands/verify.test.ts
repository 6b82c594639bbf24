import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkLine } from '../../../cli/verify/check-entry.ts';
import { signedBySendgrid } from '../../../local/samples.ts';
import { until } from '../../local/stack-under-test.ts';
import type { RelayUnderTest } from '../relay-under-test.ts';
import { CONFIRMED, HELD, jsonLines, optOutOf, REFUSED, relayUnderTest, run } from '../relay-under-test.ts';

let under: RelayUnderTest;
let folder: string;
let ledger: string;
let keys: string;

beforeAll(async () => {
  under = await relayUnderTest();
  folder = mkdtempSync(join(tmpdir(), 'optout-relay-verify-'));
  [ledger, keys] = [join(folder, 'ledger.jsonl'), join(folder, 'keys.json')];
  await under.enter(optOutOf('ada@example.com'), CONFIRMED);
  await under.enter(optOutOf('bob@example.com', { scope: { list: '42' } }), REFUSED);
  await under.enter(optOutOf('eve@example.com'), HELD);
  await under.enter(optOutOf('gone@example.com'), { kind: 'superseded' });
  await under.enter(optOutOf('open@example.com'));
  await under.relay(['forget', 'gone@example.com']);
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
  it('writes every entry, into a file that only its owner can read', async () => {
    const { stdout, stderr, code } = await under.relay(['export', '--output', ledger]);

    expect([code, stdout, stderr]).toEqual([0, '', `5 entries in ${ledger}\n`]);
    expect(statSync(ledger).mode & 0o777).toBe(0o600);
    expect(jsonLines(readFileSync(ledger, 'utf8'))).toHaveLength(5);
    expect(lineOf('open@')).not.toContain('leasedUntil');
  });

  it('writes CSV, a column for each field', async () => {
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

  it('writes nothing into CSV that a spreadsheet would carry out', async () => {
    await under.enter(optOutOf("=cmd|'/c'!a0@example.com"), CONFIRMED);

    const { stdout } = await under.relay(['export', '--format', 'csv']);

    expect(stdout).toContain(",'=cmd|'/c'!a0@example.com,");
    expect(stdout).not.toMatch(/(?:^|,)[=+@-]/m);
  });

  it('explains, with 2, a format that it does not have', async () => {
    expect(await under.relay(['export', '--format', 'xml'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--format is jsonl or csv'),
    });
  });
});

describe('relay keys', () => {
  it('shows the public halves alone', async () => {
    const { stdout, code } = await under.relay(['keys', '--public']);

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      keys: [{ kty: 'OKP', crv: 'Ed25519', x: expect.stringMatching(/^[\w-]{43}$/), kid: 'local' }],
    });
  });
});

describe('relay verify', () => {
  it('proves an export with the public keys alone', async () => {
    const { stdout, stderr, code } = await run(['verify', '--key', keys, ledger]);

    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/proven │ 4 │\n│ open +│ 1 │/);
  });

  it('proves it with the secret, addresses and their hashes too', async () => {
    const { stdout, code } = await under.relay(['verify', '--address', '--json', ledger]);

    expect([code, JSON.parse(stdout)]).toEqual([0, { proven: 4, open: 1, unsigned: 0, wrong: 0 }]);
  });

  it.each<[string, (line: string) => string, string]>([
    ['a state', (line) => line.replace('"confirmed"', '"rejected"'), 'not as it was signed: state'],
    ['a time', (line) => line.replace(/"closedAt":"2/, '"closedAt":"1'), 'not as it was signed: closedAt'],
    ['what was taken away', (line) => line.replace(/"evidence":"response",/, ''), 'not as it was signed: evidence'],
    ['a receipt', (line) => line.replace(/.{9}"}$/, 'AAAAAAAAA"}'), 'none of the keys has signed its receipt'],
    ['half a line', (line) => line.slice(0, 100), 'it is no entry of an export in JSON lines'],
    ['no receipt', (line) => line.replace(/,"signedReceipt":"[^"]*"/, ''), 'it is closed, and has no receipt yet'],
  ])('finds %s', async (_what, change, fault) => {
    const { stderr, code } = await verified(`${lineOf('bob@')}\n${change(lineOf('ada@'))}\n`, '--key', keys);

    expect([code, stderr]).toEqual([1, `line 2: ${fault}\n`]);
  });

  it('finds another address with the secret at hand, and that of somebody who was forgotten', async () => {
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

  it('proves what a sender has sent twice, the second time while the first was put off', async () => {
    await under.sim('faults', 'POST', [{ match: 'twice', status: 503, times: 1 }]);
    const event = { email: 'twice@example.com', event: 'unsubscribe', timestamp: 1_795_600_000, sg_event_id: 'twice' };
    const state = async () => jsonLines((await under.relay(['why', '--json', event.email])).stdout)[0]?.state;
    await under.post(signedBySendgrid([event], new Date()));
    await until(state, (is) => is === 'open');
    await under.post(signedBySendgrid([event], new Date()));
    await until(state, (is) => is === 'confirmed');

    const { stdout } = await under.relay(['export']);

    expect((await verified(stdout, '--key', keys)).code).toBe(0);
  });

  it('finds every byte that is changed in what is signed', async () => {
    const line = lineOf('ada@');
    const check = { keys: await under.books.receipts.publicKeys(), hashes: under.books.receipts.hashes };
    const missed: string[] = [];

    for (const changed of eachByteChanged(line, ['claimedAt', 'attempts'])) {
      if ((await checkLine(changed, 1, check)).result === 'proven') missed.push(changed);
    }

    expect(missed).toEqual([]);
  });

  it('does not take nothing for a proof', async () => {
    const { stderr, code } = await verified('', '--key', keys);

    expect([code, stderr]).toEqual([1, 'There is no entry in it: has the export failed?\n']);
  });

  it('does not take the keys of somebody else', async () => {
    const others = join(folder, 'others.json');
    const [key] = JSON.parse(readFileSync(keys, 'utf8')).keys;
    writeFileSync(others, JSON.stringify({ keys: [{ ...key, x: Buffer.alloc(32, 7).toString('base64url') }] }));

    expect((await run(['verify', '--key', others, ledger])).code).toBe(1);
  });

  it('proves who was forgotten with a newer hash key than that of the receipt', async () => {
    const optOut = optOutOf('late@example.com');
    await under.enter(optOut, CONFIRMED);
    await putHashKeyFirst();
    await under.relay(['forget', 'late@example.com']);

    const { stdout } = await under.relay(['export']);
    const line = stdout.split('\n').find((each) => each.includes(optOut.id)) ?? '';
    const { code } = await under.relay(['verify', '--address', '-'], { text: line });

    expect([code, line]).toEqual([0, expect.stringContaining('erasedAt')]);
    expect((await under.relay(['why', 'late@example.com'])).code).toBe(0);
  });

  it.each<[string, () => readonly string[], string]>([
    ['no file', () => ['--key', keys], 'it takes one file'],
    ['keys that are none', () => ['--key', ledger, ledger], 'is no set of public keys'],
  ])('explains, with 2, %s', async (_what, args, sentence) => {
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

/** The line with one byte changed, each in turn and in four ways, but in what is not signed and where JSON stays the same. */
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
