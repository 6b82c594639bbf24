import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StackUnderTest } from '../../local/stack-under-test.ts';
import { stackUnderTest, until } from '../../local/stack-under-test.ts';
import { run } from '../relay-under-test.ts';

let stack: StackUnderTest;
let env: string;
let folder: string;

beforeAll(async () => {
  stack = await stackUnderTest();
  env = join(stack.dir, 'env');
  folder = mkdtempSync(join(tmpdir(), 'optout-relay-cli-'));
});
afterAll(async () => {
  await stack.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Writes a file into the test's folder. */
function file(name: string, content = ''): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Runs `relay` in a process with only the given variables. */
async function relay(args: readonly string[], input = '', variables: Readonly<Record<string, string>> = {}) {
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, ['cli/relay.ts', ...args], { env: { PATH, ...variables } });
  child.stdin.on('error', () => undefined).end(input);
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise((resolve) => child.on('close', resolve)),
  ]);
  return { stdout, stderr, code };
}

const link = (args: readonly string[], input = '') => relay(['link', '--env', env, ...args], input);
const jsonLines = (stdout: string) => stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
const press = (url: string) => fetch(url, { method: 'POST', body: 'List-Unsubscribe=One-Click' });

describe('relay link', () => {
  it('creates a working link and its two headers', async () => {
    const { stdout, stderr, code } = await link(['Ada@Example.com']);

    const [url = '', ...lines] = stdout.trimEnd().split('\n');
    expect([code, stderr]).toEqual([0, '']);
    expect(url).toMatch(new RegExp(`^${stack.url}/u/[\\w.-]+$`));
    expect(lines).toEqual([`List-Unsubscribe: <${url}>`, 'List-Unsubscribe-Post: List-Unsubscribe=One-Click']);
    expect((await press(url)).status).toBe(200);
    await until(
      () => stack.contact('ada@example.com'),
      ({ optedOut }) => optedOut,
    );
  });

  it('reads an address a line from standard input, and reports invalid ones by line only', async () => {
    const input = '\ufeffa@example.com\r\n\r\n shibboleth \nb@example.com\nshibboleth@\nc@example.com';

    const { stdout, stderr, code } = await link(['--json', '--lang', 'de', '--expires-in-days', '7'], input);

    expect(code).toBe(1);
    expect(jsonLines(stdout)).toEqual(
      [1, 4, 6].map((line) => ({
        line,
        url: expect.stringContaining('/u/'),
        headers: { 'List-Unsubscribe': expect.any(String), 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' },
      })),
    );
    expect(stderr).toBe(
      'line 3: the email address is not valid\nline 5: the email address is not valid\n3 links created, 2 failed\n',
    );
  });

  it('keeps the order of a long list', async () => {
    const input = Array.from({ length: 3_000 }, (_, index) => `a${index}@example.com\n`).join('');

    const { stdout, code } = await link(['--json'], input);

    expect(code).toBe(0);
    expect(jsonLines(stdout).map(({ line }) => line)).toEqual(Array.from({ length: 3_000 }, (_, index) => index + 1));
  }, 30_000);

  it('reads a column of a CSV file and adds three columns to its rows', async () => {
    const csv = file(
      'in.csv',
      '\ufeffName,"E-mail"\r\n"Doe, ""Jane""\n(she)",jane@example.com\r\nX,no\r\nAlan,alan@example.com\r\n',
    );
    const output = join(folder, 'out.csv');

    const { stdout, stderr, code } = await link(['--csv', csv, '--column', 'e-mail', '--output', output]);

    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toBe('line 4: the email address is not valid\n2 links created, 1 failed\n');
    expect(statSync(output).mode & 0o777).toBe(0o600);
    const rows: Record<string, string>[] = parse(readFileSync(output), { columns: true });
    expect(rows.map(({ Name }) => Name)).toEqual(['Doe, "Jane"\n(she)', 'Alan']);
    for (const row of rows) {
      expect(row['List-Unsubscribe']).toBe(`<${row['url']}>`);
      expect(row['List-Unsubscribe-Post']).toBe('List-Unsubscribe=One-Click');
      expect((await fetch(row['url'] ?? '')).status).toBe(200);
    }
  });

  it('reads files with semicolons, and reports invalid rows by line', async () => {
    const csv = file('semicolons.csv', 'n;email\n1;a@example.com\n2;b@example.com\n3;"shibboleth@example.com\n');

    const { stdout, stderr, code } = await link(['--csv', csv, '--delimiter', ';', '--json']);

    expect(code).toBe(1);
    expect(jsonLines(stdout).map(({ line }) => line)).toEqual([2, 3]);
    expect(stderr).toMatch(
      /^line 4: not a valid CSV row, up to the end of the file: check for an unclosed quote\n2 links created, 1 failed\n$/,
    );
  });

  it('reads the variables from the environment', async () => {
    const lines = readFileSync(env, 'utf8').trim().split('\n');
    const variables = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s, 2) as [string, string]));

    const { stdout, code } = await relay(['link', 'ada@example.com'], '', variables);

    expect(code).toBe(0);
    expect((await fetch(stdout.split('\n')[0] ?? '')).status).toBe(200);
  });

  it('stops quietly if the reader of its output does', async () => {
    const shell = spawn('bash', [
      '-c',
      `seq 20000 | sed 's/$/@example.com/' | ${process.execPath} cli/relay.ts link --env ${env} | head -n 1; echo "\${PIPESTATUS[2]}"`,
    ]);

    const [stdout, stderr] = await Promise.all([text(shell.stdout), text(shell.stderr)]);

    expect(stdout).toMatch(/^http\S+\n0\n$/);
    expect(stderr).toBe('');
  });
});

describe('relay link rejects, with 2,', () => {
  it.each<[string, readonly string[], string]>([
    ['an unknown option', ['--langauge', 'de', 'ada@example.com'], "Unknown option '--langauge'"],
    ['an option without its value', ['ada@example.com', '--lang'], 'argument missing'],
    ['an invalid language', ['--lang', 'd', 'ada@example.com'], 'lang is not valid'],
    ['an unknown brand', ['--brand', 'nobody', 'ada@example.com'], 'no such brand'],
    ['an invalid expiry', ['--expires-in-days', '1w', 'ada@example.com'], 'expiresInDays is not a whole number'],
    ['two lists at once', ['--csv', 'a.csv', 'ada@example.com'], 'not both'],
    ['a column without --csv', ['--column', 'email', 'ada@example.com'], 'need --csv'],
    ['a delimiter of two characters', ['--csv', 'a.csv', '--delimiter', '||'], 'not one character'],
    ['the input as output', ['--csv', 'a.csv', '--output', './a.csv'], 'would overwrite'],
  ])('%s', async (_what, args, sentence) => {
    const { stdout, stderr, code } = await run(['link', '--env', env, ...args]);

    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(sentence);
    expect(stderr).toContain('relay help link');
    expect(stderr).not.toContain('ada@example.com');
  });

  it('a missing column', async () => {
    const csv = file('no-header.csv', 'shibboleth@example.com\n');

    const { stderr, code } = await link(['--csv', csv]);

    expect(code).toBe(2);
    expect(stderr).toContain('there is no column "email"');
    expect(stderr).not.toContain('shibboleth');
  });

  it('missing variables', async () => {
    const { stderr, code } = await relay(['link', 'ada@example.com']);

    expect(code).toBe(2);
    expect(stderr).toContain('PUBLIC_URL is missing: set it, or pass --env <file>');
  });
});

describe('relay link exits with 1', () => {
  it('if a file cannot be opened', async () => {
    for (const args of [
      ['--csv', 'nowhere.csv'],
      ['--env', 'nowhere.env', 'ada@example.com'],
      ['--output', folder, 'ada@example.com'],
    ]) {
      const { stderr, code } = await link(args);

      expect(code).toBe(1);
      expect(stderr).toMatch(/^relay link: \S+: (ENOENT|EISDIR)\n$/);
    }
  });

  it('if the secret cannot be read, before it opens the output', async () => {
    const other = file('other.env', `${readFileSync(env, 'utf8')}LINKS_SECRET=nothing\n`);
    const output = file('kept.txt', 'kept');

    const { stderr, code } = await relay(['link', '--env', other, '--output', output, 'ada@example.com']);

    expect([code, stderr]).toEqual([1, 'relay link: secret nothing cannot be read: ResourceNotFoundException\n']);
    expect(readFileSync(output, 'utf8')).toBe('kept');
  });
});

describe('relay', () => {
  it('shows the list of commands, and the help page of one with examples', async () => {
    for (const args of [['help'], ['--help'], ['-h']]) {
      expect(await relay(args)).toMatchObject({ code: 0, stdout: expect.stringContaining('relay link'), stderr: '' });
    }
    for (const args of [
      ['help', 'link'],
      ['link', '--help'],
    ]) {
      expect(await relay(args)).toMatchObject({ code: 0, stdout: expect.stringContaining('Examples'), stderr: '' });
    }
  });

  it('shows the list and exits with 2 without a command or with an unknown one', async () => {
    expect(await relay([])).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('relay link') });
    expect(await relay(['lnik'])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('unknown command "lnik"'),
    });
  });
});
