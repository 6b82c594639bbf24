import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { writeOptOutList } from '../../../cli/backfill/opt-out-list.ts';
import type { EmailAddress } from '../../../functions/core/model/email-address.ts';
import { parseEmailAddress } from '../../../functions/core/model/email-address.ts';
import type { RelayUnderTest } from '../relay-under-test.ts';
import { CONFIRMED, HELD, optOutOf, REJECTED, relayUnderTest, run } from '../relay-under-test.ts';

let under: RelayUnderTest;
let folder: string;
beforeAll(async () => {
  under = await relayUnderTest();
  const deferred = { kind: 'deferred', retryAfterSeconds: 3_600 } as const;
  await under.addEntry(optOutOf('open@example.com'), deferred);
  await under.addEntry(optOutOf('open@example.com', { key: 'again' }), deferred);
  await under.addEntry(optOutOf('+plus@example.com'), deferred);
  await under.addEntry(optOutOf('rejected@example.com'), REJECTED);
  await under.addEntry(optOutOf('confirmed@example.com'), CONFIRMED);
  await under.addEntry(optOutOf('superseded@example.com'), { kind: 'superseded' });
  await under.addEntry(optOutOf('held@example.com'), HELD);
  await under.addEntry(optOutOf('list@example.com', { scope: { list: '42' } }), deferred);
  await under.addEntry(optOutOf('brand@example.com', { brand: 'former' }), deferred);
  await under.addEntry(optOutOf('erased@example.com'), REJECTED);
  await under.relay(['erase', 'erased@example.com']);
});
afterAll(() => under.stop());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'optout-relay-export-'));
  return () => rmSync(folder, { recursive: true, force: true });
});

const list = (...args: string[]) => under.relay(['export', '--hubspot-opt-out-list', ...args]);
const rowsOf = (csv: string) => csv.split('\r\n').filter((row) => row !== '');

describe('relay export --hubspot-opt-out-list', () => {
  it('writes each open and rejected opt-out from all email once, unchanged, below the header that HubSpot asks for', async () => {
    const { stdout, stderr, code } = await list();

    const [header, ...addresses] = rowsOf(stdout);
    expect([code, stderr, header]).toEqual([0, '', 'Email']);
    expect(addresses.toSorted()).toEqual(['+plus@example.com', 'open@example.com', 'rejected@example.com']);
  });

  it('writes a file that only its owner can read, and prints the number that HubSpot asks for', async () => {
    const file = join(folder, 'list.csv');

    const { stdout, stderr } = await list('--output', file);

    expect([stdout, stderr]).toEqual(['', `3 addresses in ${file}\n`]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('writes the readable addresses of a file once each, without AWS', async () => {
    const file = join(folder, 'in.csv');
    writeFileSync(
      file,
      'no;E-mail\r\n1;Ada@Example.com\r\n2;shibboleth@\r\n3;ada@example.com\r\n4;bob@example.com\r\n',
    );

    const { stdout, stderr, code } = await run([
      ...['export', '--hubspot-opt-out-list', '--column', 'e-mail', '--delimiter', ';', file],
    ]);

    expect(code).toBe(1);
    expect(rowsOf(stdout)).toEqual(['Email', 'ada@example.com', 'bob@example.com']);
    expect(stderr).toBe('line 3: the email address is not valid\n');
  });

  it('writes nothing if a quote is never closed', async () => {
    const file = join(folder, 'in.csv');
    writeFileSync(file, 'email\r\nada@example.com\r\n"shibboleth@example.com\r\nbob@example.com\r\n');

    const { stdout, stderr, code } = await run(['export', '--hubspot-opt-out-list', file]);

    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('line 3: not a valid CSV row, up to the end of the file: check for an unclosed quote');
    expect(stderr).not.toContain('shibboleth');
  });

  it.each([
    ['an unknown brand', ['--brand', 'nobody'], '--brand is not a configured brand'],
    ['two files', ['one.csv', 'two.csv'], 'expected at most one file'],
    ['a delimiter of two characters', ['--delimiter', ';;', 'in.csv'], '--delimiter is not one character'],
  ])('rejects %s with 2', async (_what, args, sentence) => {
    expect(await list(...args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(sentence) });
  });

  it('rejects a file without --hubspot-opt-out-list with 2', async () => {
    expect(await under.relay(['export', 'in.csv'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('unexpected argument'),
    });
  });
});

describe('a list that is too large for one import', () => {
  const addresses = ['a', 'b', 'c', 'd', 'e'].map((name) => parseEmailAddress(`${name}@example.com`));
  async function* all(): AsyncGenerator<EmailAddress> {
    yield* addresses;
  }
  const stdout = new PassThrough();

  it.each([
    ['rows', { rows: 2, bytes: 1_000 }],
    ['bytes', { rows: 10, bytes: 'Email\r\n'.length + 2 * 'a@example.com\r\n'.length }],
  ])('becomes several files, each with a header and within the maximum of %s', async (_what, maxFile) => {
    const written = await writeOptOutList(all(), { file: join(folder, 'list.csv'), stdout }, maxFile);

    expect(written.map(({ rows }) => rows)).toEqual([2, 2, 1]);
    expect(readdirSync(folder)).toEqual(['list-2.csv', 'list-3.csv', 'list.csv']);
    expect(written.flatMap(({ file = '' }) => rowsOf(readFileSync(file, 'utf8')))).toEqual(
      [addresses.slice(0, 2), addresses.slice(2, 4), addresses.slice(4)].flatMap((part) => ['Email', ...part]),
    );
  });

  it('needs the name of a file', async () => {
    const writing = writeOptOutList(all(), { file: undefined, stdout }, { rows: 2, bytes: 1_000 });

    await expect(writing).rejects.toThrow('the list needs 3 files: add --output');
  });
});
