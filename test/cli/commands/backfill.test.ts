import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { defaultPerSecond, surveyTable } from '../../../cli/backfill/survey.ts';
import { until } from '../../local/stack-under-test.ts';
import type { RelayUnderTest } from '../relay-under-test.ts';
import { hoursAgo, jsonLines, relayUnderTest, run } from '../relay-under-test.ts';

let under: RelayUnderTest;
let folder: string;
beforeAll(async () => {
  under = await relayUnderTest();
});
afterAll(() => under.stop());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'optout-relay-backfill-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function csv(text: string, name = 'in.csv'): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const FAST = ['--per-second', '1000', '--json'];
const backfill = (file: string, ...args: string[]) => under.relay(['backfill', ...FAST, ...args, file]);
const entriesOf = async (email: string) => jsonLines((await under.relay(['why', '--json', email])).stdout);
const waitForStates = (email: string, state: string, count = 1) =>
  until(
    async () => (await entriesOf(email)).map((entry) => entry.state),
    (states) => states.length === count && states.every((each) => each === state),
  );

describe('relay backfill', () => {
  it('shows a dry run by default, and reports invalid rows by line', async () => {
    const file = csv(
      '\ufeffName,E-mail,At\r\n"A\nB",a@example.com,2026-01-02\r\nX,shibboleth@,2026-01-03\r\nC,c@example.com,\r\nD,d@example.com,2026-03-01 10:00\r\nF,f@example.com,1.3.2026\r\nE,e@example.com,2999-01-01\r\n',
    );

    const { stdout, stderr, code } = await run(['backfill', '--column', 'e-mail', '--time-column', 'At', file]);

    expect(code).toBe(1);
    expect(stderr).toBe(
      'line 4: the email address is not valid\nline 5: the time is blank\nline 7: "At" is not a time\nline 8: the time is in the future\n',
    );
    expect(stdout).toMatch(/opt-outs +│ 2, from 2026-01-02 to 2026-03-01/);
    expect(stdout).toMatch(/unreadable +│ 4 rows/);
    expect(stdout).toMatch(/rate +│ one every 4 s, at most 25,000 a day: 4 s/);
    expect(stdout).toMatch(/surge limit +│ 1,000 an hour: not reached/);
    expect(stdout).toContain('Nothing was sent. To send it: add --send.');
    expect(await entriesOf('a@example.com')).toEqual([]);
  });

  it.each([
    ['some rows', 3],
    ['more than the maximum row size', 90_000],
  ])('sends nothing if a quote is never closed, whatever follows it: %s', async (_what, rows) => {
    const behind = Array.from({ length: rows }, (_, index) => `,behind${index}@example.com\r\n`).join('');
    const file = csv(`name,email\r\n"A\r\nB",torn@example.com\r\n"C,c@example.com\r\n${behind}`);

    const { stdout, stderr, code } = await run([
      'backfill',
      '--as-of',
      '2026-01-02',
      '--send',
      '--env',
      under.env,
      file,
    ]);

    expect(code).toBe(1);
    expect(stderr).toBe(
      'line 4: not a valid CSV row, up to the end of the file: check for an unclosed quote\nNothing was sent: an invalid row spans several lines. Fix the quotes in the file.\n',
    );
    expect(stdout).toMatch(/opt-outs +│ 1,/);
    expect(await entriesOf('torn@example.com')).toEqual([]);
  });

  it('sends opt-outs from the source "backfill" with their original time', async () => {
    const file = csv('email,at\nsent@example.com,2026-01-02T03:04:05Z\n');

    const { stdout, code } = await backfill(file, '--time-column', 'at', '--send');

    const time = '2026-01-02T03:04:05.000Z';
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      {
        ...{ optOuts: 1, kinds: { opt_out: 1 }, oldest: time, newest: time, unreadable: 0, leftOut: 0 },
        ...{ format: 'CSV, separated by ",", in UTF-8', statusColumns: [], sent: 1 },
      },
    ]);
    await waitForStates('sent@example.com', 'confirmed');
    expect(await entriesOf('sent@example.com')).toMatchObject([
      { source: 'backfill', kind: 'opt_out', scope: 'all', occurredAt: '2026-01-02T03:04:05.000Z' },
    ]);
    expect(await under.contact('sent@example.com')).toMatchObject({ optedOut: true, optOutWrites: 1 });
  });

  it('respects a newer opt-in', async () => {
    const timestamp = hoursAgo(24).toISOString();
    await under.sim('contacts/since@example.com', 'PUT', { statuses: [{ status: 'SUBSCRIBED', timestamp }] });

    await backfill(csv('email\nsince@example.com\n'), '--as-of', hoursAgo(48).toISOString(), '--send');

    await waitForStates('since@example.com', 'superseded');
  });

  it('gives the same row the same id in every file and run', async () => {
    const one = csv('email,at,id\nsame@example.com,2026-01-02,1\nsame@example.com,2026-01-03,2\n', 'one.csv');
    const other = csv('no;id;at;email\n9;2;2026-01-03;Same@Example.com\n', 'other.csv');
    const columns = ['--time-column', 'at', '--id-column', 'id'];

    for (const args of [[one], [one], [other, '--delimiter', ';']] as const) {
      const [file, ...rest] = args;
      expect((await backfill(file, ...columns, ...rest, '--send')).code).toBe(0);
    }
    await backfill(one, '--time-column', 'at', '--send');

    const states = await waitForStates('same@example.com', 'confirmed', 4);
    expect(states).toHaveLength(4);
  });

  it('resumes after being killed, for the same file and settings only', async () => {
    const file = csv(`email\n${Array.from({ length: 6 }, (_, index) => `r${index}@example.com\n`).join('')}`);
    const args = ['--as-of', '2026-01-01', '--send'];
    const slow = ['cli/relay.ts', 'backfill', '--env', under.env, '--per-second', '0.001', ...args, file];
    const child = spawn(process.execPath, slow, { stdio: 'ignore' });
    await until(
      async () => existsSync(`${file}.progress`),
      (exists) => exists,
    );
    child.kill('SIGKILL');
    await once(child, 'close');
    const { line } = JSON.parse(readFileSync(`${file}.progress`, 'utf8'));

    const again = await backfill(file, ...args);

    expect([line, JSON.parse(again.stdout).sent, existsSync(`${file}.progress`)]).toEqual([2, 5, false]);
    writeFileSync(`${file}.progress`, '{"fingerprint":');
    expect(JSON.parse((await backfill(file, ...args)).stdout).sent).toBe(6);
  });

  it('warns if the surge limit would hold opt-outs', () => {
    const found = {
      ...{ optOuts: 5_000, unreadable: 0, leftOut: 0, kinds: {}, oldest: undefined, newest: undefined },
      ...({ noun: 'line', format: 'CSV', statusColumns: [] } as const),
    };
    const quota = { perSecond: 1, daily: 25_000 };

    expect(surveyTable(found, quota, { perSourceAndHour: 1_000 })).toContain(
      '1,000 an hour: EXCEEDED; the excess is held',
    );
    expect(surveyTable(found, { ...quota, perSecond: 0.2 }, { perSourceAndHour: 1_000 })).toContain('not reached');
    expect(surveyTable(found, quota, { perSourceAndHour: false })).toMatch(/surge limit +│ off/);
    expect([defaultPerSecond({ perSourceAndHour: 1_000 }), defaultPerSecond({ perSourceAndHour: false })]).toEqual([
      0.25, 1,
    ]);
  });

  describe('a file with rows of people who did not opt out', () => {
    /** As HubSpot exports contacts. */
    const contacts =
      'Record ID,First Name,Email,Unsubscribed from all email,Last Modified Date\n' +
      '1,Ada,in1@example.com,false,2026-03-01 10:00\n2,Bob,out@example.com,true,2026-03-02 10:00\n' +
      '3,Cem,in2@example.com,,2026-03-03 10:00\n';
    const args = ['--time-column', 'Last Modified Date'];
    const column = 'Unsubscribed from all email';

    it('is warned of in the dry run', async () => {
      const { stdout, code } = await run(['backfill', csv(contacts), ...args]);

      expect(code).toBe(0);
      expect(stdout).toContain(
        `WARNING: "${column}" looks like a status: false 1, true 1, (blank) 1. ` +
          '2 of the rows say that the person did not opt out.\n',
      );
    });

    it('is not sent, nor read back, nor written as a list for HubSpot', async () => {
      const file = csv(contacts);
      const sent = await backfill(file, ...args, '--send');
      const readBack = await backfill(file, ...args, '--already-imported');
      const list = await run(['export', '--hubspot-opt-out-list', file]);

      const reason = `by "${column}", some rows are of people who did not opt out. Select the opt-outs with --only '${column}=<value>', or add --all-rows`;
      expect([sent.code, sent.stderr, sent.stdout]).toEqual([1, `Nothing was sent: ${reason}.\n`, '']);
      expect([readBack.code, readBack.stderr]).toEqual([1, `Nothing was sent: ${reason}.\n`]);
      expect([list.code, list.stdout]).toEqual([2, '']);
      expect(list.stderr).toContain(reason);
    });

    it('is sent without those rows, with --only', async () => {
      const { stdout, code } = await backfill(csv(contacts), ...args, '--only', `${column}=TRUE`, '--send');

      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ optOuts: 1, leftOut: 2, sent: 1, statusColumns: [] });
      await waitForStates('out@example.com', 'confirmed');
      for (const address of ['in1@example.com', 'in2@example.com']) expect(await entriesOf(address)).toEqual([]);
    });

    it('is sent as a whole with --all-rows', async () => {
      const { stdout } = await backfill(csv(contacts), ...args, '--all-rows', '--send');

      expect(JSON.parse(stdout)).toMatchObject({ sent: 3, statusColumns: [{ column, contrary: 2 }] });
    });
  });

  it('records each row under its kind, and leaves out the kinds that the policy ignores', async () => {
    const file = csv(
      'email,at,reason\nspam@example.com,2026-01-02,SpamComplaint\nhard@example.com,2026-01-02,HardBounce\n' +
        'soft@example.com,2026-01-02,soft-bounce\noffice@example.com,2026-01-02,USER_SUPPRESSED\n',
    );
    const args = ['--time-column', 'at', '--kind-column', 'reason'];

    expect((await run(['backfill', file, ...args])).stdout).toMatch(
      /kinds +│ complaint 1, hard_bounce 1, soft_bounce 1, suppressed 1 +│\n│ ignored by "policy" +│ 2 rows/,
    );
    const { stdout } = await backfill(file, ...args, '--send');

    expect(JSON.parse(stdout)).toMatchObject({ optOuts: 2, sent: 2 });
    await waitForStates('hard@example.com', 'confirmed');
    await waitForStates('spam@example.com', 'confirmed');
    expect(await entriesOf('hard@example.com')).toMatchObject([{ kind: 'hard_bounce', source: 'backfill' }]);
    expect(await entriesOf('spam@example.com')).toMatchObject([{ kind: 'complaint' }]);
    expect(await entriesOf('soft@example.com')).toEqual([]);
    expect((await run(['export', '--hubspot-opt-out-list', '--kind-column', 'reason', file])).stdout).toBe(
      'Email\r\nspam@example.com\r\nhard@example.com\r\n',
    );
  });

  it('reads times in a zone, and an export in JSON', async () => {
    const file = csv('{"items":[{"address":"zone@example.com","created":"2026-07-01 10:00"}]}', 'in.json');
    const args = ['--column', 'address', '--time-column', 'created', '--time-zone', 'Europe/Berlin'];

    const { stdout, code } = await run(['backfill', '--json', ...args, file]);

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ optOuts: 1, oldest: '2026-07-01T08:00:00.000Z', format: 'JSON' });
  });

  it.each<[string, readonly string[], string]>([
    ['no file', ['--as-of', '2026-01-01'], 'expected one file'],
    ['no time', ['FILE'], 'the time of the opt-outs is missing'],
    ['a missing time column', ['FILE', '--time-column', 'when'], 'there is no column "when". The columns are "email"'],
    [
      'a missing address column',
      ['FILE', '--as-of', '2026-01-01', '--column', 'mail'],
      'there is no column "mail". The columns are "email"',
    ],
    ['an invalid time', ['FILE', '--as-of', 'yesterday'], '--as-of is not a time'],
    ['a rate of zero', ['FILE', '--as-of', '2026-01-01', '--per-second', '0'], '--per-second is not a number above 0'],
    ['an unknown kind', ['FILE', '--as-of', '2026-01-01', '--kind', 'spam'], '--kind is not one of opt_out, complaint'],
    [
      'an ignored kind',
      ['FILE', '--as-of', '2026-01-01', '--kind', 'soft_bounce'],
      'ignores soft_bounce of this source',
    ],
    [
      'two kinds',
      ['FILE', '--as-of', '2026-01-01', '--kind', 'opt_out', '--kind-column', 'x'],
      'expected either --kind',
    ],
    ['an unknown zone', ['FILE', '--as-of', '2026-01-01', '--time-zone', 'Berlin'], '--time-zone is not a zone'],
    ['an unknown brand', ['FILE', '--as-of', '2026-01-01', '--brand', 'nobody'], '--brand is not a configured brand'],
  ])('rejects %s with 2', async (_what, args, sentence) => {
    const file = csv('email\nshibboleth@example.com\n');

    const { stderr, code } = await run(['backfill', ...args.map((arg) => (arg === 'FILE' ? file : arg))]);

    expect(code).toBe(2);
    expect(stderr).toContain(sentence);
    expect(stderr).not.toContain('shibboleth');
  });

  it('exits with 1 if the file does not exist', async () => {
    expect(await run(['backfill', '--as-of', '2026-01-01', 'nowhere.csv'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/nowhere\.csv: ENOENT\n$/),
    });
  });
});
