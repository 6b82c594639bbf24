import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../local/stack-under-test.ts';
import type { RelayUnderTest } from '../relay-under-test.ts';
import { jsonLines, relayUnderTest, run } from '../relay-under-test.ts';

let under: RelayUnderTest;
let folder: string;
beforeAll(async () => {
  under = await relayUnderTest();
});
afterAll(() => under.stop());
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'optout-relay-imported-'));
  await under.sim('reset', 'POST');
  return () => rmSync(folder, { recursive: true, force: true });
});

/** Sets an address as HubSpot's import leaves it. */
const imported = (email: string) => under.sim(`contacts/${email}`, 'PUT', { wide: [{ status: 'UNSUBSCRIBED' }] });
const names = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix}${n}@example.com`);
function csv(addresses: readonly string[], name = 'in.csv'): string {
  const file = join(folder, name);
  writeFileSync(file, ['email', ...addresses].join('\n'));
  return file;
}
const confirm = (file: string, ...args: string[]) =>
  under.relay([
    ...['backfill', '--already-imported', '--as-of', '2026-01-02', '--per-second', '1000', '--json', ...args, file],
  ]);
const entriesOf = async (email: string) => jsonLines((await under.relay(['why', '--json', email])).stdout);
const writes = async () => (await under.asked()).filter(({ path }) => !/read|definitions/.test(path)).filter(isWrite);
const isWrite = ({ method }: { readonly method: string }) => method === 'POST';
const reads = async () =>
  (await under.asked()).filter(({ path }) => path.includes('/statuses/')).map(({ path }) => path);

describe('relay backfill --already-imported', () => {
  it('records what HubSpot shows as confirmed by reading back, with a valid receipt and without a write', async () => {
    await imported('ada@example.com');
    const [ledger, keys] = [join(folder, 'ledger.jsonl'), join(folder, 'keys.json')];

    const { stdout, stderr, code } = await confirm(csv(['Ada@Example.com']));

    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({ optOuts: 1, confirmed: 1, known: 0, missing: 0, unsigned: 0 });
    expect(await entriesOf('ada@example.com')).toMatchObject([
      {
        ...{ source: 'backfill', state: 'confirmed', evidence: 'read-back', changed: false, attempts: 1 },
        ...{ occurredAt: '2026-01-02T00:00:00.000Z', signedReceipt: expect.stringMatching(/^ey/) },
      },
    ]);
    expect(await writes()).toEqual([]);
    await under.relay(['export', '--output', ledger]);
    await under.relay(['keys', '--output', keys]);
    const verified = await run(['verify', '--json', '--key', keys, ledger]);
    expect([verified.code, JSON.parse(verified.stdout)]).toMatchObject([0, { proven: 1 }]);
  });

  it('lists what HubSpot does not show, records nothing for it, and leaves it for a backfill', async () => {
    await imported('shown@example.com');
    const optedIn = { status: 'SUBSCRIBED', timestamp: new Date().toISOString() };
    await under.sim('contacts/opted-in@example.com', 'PUT', { wide: [{ status: 'SUBSCRIBED' }], statuses: [optedIn] });
    const missing = join(folder, 'missing.csv');
    const file = csv(['shown@example.com', 'absent@example.com', 'opted-in@example.com', 'shibboleth@']);

    const { stdout, stderr, code } = await confirm(file, '--missing', missing);

    expect([code, JSON.parse(stdout)]).toMatchObject([1, { optOuts: 3, unreadable: 1, confirmed: 1, missing: 2 }]);
    expect(stderr).toBe(
      'line 5: the email address is not valid\nline 3: HubSpot does not show the opt-out\nline 4: HubSpot does not show the opt-out\n',
    );
    expect([await entriesOf('absent@example.com'), await entriesOf('opted-in@example.com')]).toEqual([[], []]);
    expect(statSync(missing).mode & 0o777).toBe(0o600);
    const columns = ['--time-column', 'time', '--id-column', 'id', '--per-second', '1000'];
    await under.relay(['backfill', ...columns, '--send', missing]);
    await until(
      async () => (await entriesOf('absent@example.com')).map(({ state }) => state),
      (states) => states[0] === 'confirmed',
    );
    const again = await confirm(file);
    expect(JSON.parse(again.stdout)).toMatchObject({ confirmed: 0, known: 3, missing: 0 });
  });

  it('writes no file of missing rows if HubSpot shows all', async () => {
    await imported('all@example.com');
    const missing = join(folder, 'missing.csv');

    expect(await confirm(csv(['all@example.com']), '--missing', missing)).toMatchObject({ code: 0 });

    expect(existsSync(missing)).toBe(false);
  });

  it('reads a hundred addresses a call where the account has the batch endpoints', async () => {
    const addresses = names('batch-', 150);
    for (const address of addresses) await imported(address);

    const { stdout } = await confirm(csv(addresses));

    expect(JSON.parse(stdout)).toMatchObject({ confirmed: 150, missing: 0 });
    expect(await reads()).toHaveLength(2);
  });

  it('reads one by one elsewhere, after asking once for a batch', async () => {
    await under.sim('portal', 'POST', { batch: false });
    const addresses = names('single-', 120);
    for (const address of addresses) await imported(address);

    const { stdout } = await confirm(csv(addresses));

    expect(JSON.parse(stdout)).toMatchObject({ confirmed: 120, missing: 0 });
    const paths = await reads();
    expect([paths.length, paths.filter((path) => path.includes('/batch/')).length]).toEqual([121, 1]);
  });

  it('reads an address singly before it counts as missing, since a batch may be partial', async () => {
    await imported('here@example.com');

    const { stdout } = await confirm(csv(['here@example.com', 'not-here@example.com']));

    expect(JSON.parse(stdout)).toMatchObject({ confirmed: 1, missing: 1 });
    expect(await reads()).toHaveLength(2);
  });

  it('records an address that the file names twice for each of its rows, with one read', async () => {
    await imported('twice@example.com');
    const file = join(folder, 'in.csv');
    writeFileSync(file, 'email,at\ntwice@example.com,2026-01-02\ntwice@example.com,2026-01-03\n');

    const { stdout } = await confirm(file, '--time-column', 'at');

    expect(JSON.parse(stdout)).toMatchObject({ confirmed: 2 });
    expect([(await entriesOf('twice@example.com')).length, (await reads()).length]).toEqual([2, 1]);
  });

  it('makes no call for rows that the ledger has, so an interrupted run can be repeated', async () => {
    await imported('known@example.com');
    const file = csv(['known@example.com']);
    await confirm(file);
    const before = (await under.asked()).length;

    const { stdout, code } = await confirm(file);

    expect([code, JSON.parse(stdout)]).toMatchObject([0, { confirmed: 0, known: 1, missing: 0 }]);
    expect((await under.asked()).length).toBe(before);
  });

  it('counts an opt-out as missing while one brand does not show it', async () => {
    await under.sim('portal', 'POST', { brands: [0, 7] });
    const ofBrand = (businessUnitId: number) => ({ status: 'UNSUBSCRIBED', businessUnitId });
    await under.sim('contacts/half@example.com', 'PUT', { wide: [ofBrand(0)] });
    await under.sim('contacts/both@example.com', 'PUT', { wide: [ofBrand(0), ofBrand(7)] });

    const { stdout } = await confirm(csv(['half@example.com', 'both@example.com']));

    expect(JSON.parse(stdout)).toMatchObject({ confirmed: 1, missing: 1 });
    expect(await entriesOf('both@example.com')).toMatchObject([{ state: 'confirmed', businessUnits: ['0', '7'] }]);
    expect(await entriesOf('half@example.com')).toEqual([]);
  });

  it('asks again after a failure of HubSpot', async () => {
    await imported('retried@example.com');
    await under.sim('faults', 'POST', [{ match: 'unsubscribe-all', status: 503, times: 1 }]);

    expect(JSON.parse((await confirm(csv(['retried@example.com']))).stdout)).toMatchObject({ confirmed: 1 });
  });

  it.each([
    [403, 'HubSpot responded with 403'],
    [500, 'HubSpot responded with 500'],
  ])('records nothing if HubSpot cannot be read (%i), and exits with 1', async (status, sentence) => {
    await imported('unread@example.com');
    const headers = { 'retry-after': '3600' };
    await under.sim('faults', 'POST', [{ match: 'unsubscribe-all', status, times: 99, headers }]);

    const { stdout, stderr, code } = await confirm(csv([`unread@example.com`]));

    expect([code, JSON.parse(stdout)]).toMatchObject([1, { confirmed: 0, known: 0, missing: 0 }]);
    expect(stderr).toBe(`${sentence}. To continue, run the command again.\n`);
    expect(await entriesOf('unread@example.com')).toEqual([]);
  });

  it('leaves the reserve of the daily limit to new opt-outs', async () => {
    const addresses = names('daily-', 200);
    await Promise.all(addresses.map(imported));
    await under.sim('portal', 'POST', { batch: false });
    await under.sim('limits', 'POST', { per10Seconds: 10_000, daily: 200 });

    const { stdout, stderr, code } = await confirm(csv(addresses));

    // Rows are recorded by the hundred. Up to ten calls are under way when the reserve is reached.
    expect([code, JSON.parse(stdout)]).toMatchObject([1, { confirmed: 100 }]);
    expect(stderr).toContain("HubSpot's daily limit is used up, except for the reserve for new opt-outs");
    const statuses = (await under.asked()).map(({ status }) => status);
    expect(statuses).not.toContain(429);
    expect(statuses.length).toBeLessThanOrEqual(190);
  });

  it('sends nothing and reads nothing if a quote is never closed', async () => {
    const file = csv(['ada@example.com', '"torn@example.com']);

    expect(await confirm(file)).toMatchObject({ code: 1, stderr: expect.stringContaining('Nothing was sent') });
    expect(await reads()).toEqual([]);
  });

  it('rejects --send with 2', async () => {
    expect(await confirm(csv(['ada@example.com']), '--send')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--already-imported sends nothing'),
    });
  });

  it('prints a table without --json', async () => {
    await imported('table@example.com');
    const args = ['--as-of', '2026-01-02', '--per-second', '1000', csv(['table@example.com', 'other@example.com'])];

    const { stdout } = await under.relay(['backfill', '--already-imported', ...args]);

    expect(stdout).toMatch(/confirmed by reading back +│ 1 │/);
    expect(stdout).toMatch(/not shown by HubSpot +│ 1 │/);
    expect(stdout).not.toContain('without a receipt');
  });
});
