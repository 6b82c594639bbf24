import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const pathOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const VITEST = pathOf('../../node_modules/vitest/vitest.mjs');

interface Ran {
  readonly name: string;
  readonly status: string;
  readonly message: string;
}

let ran: readonly Ran[];
const dir = mkdtempSync(join(tmpdir(), 'optout-relay-'));
beforeAll(async () => {
  const report = join(dir, 'report.json');
  const args = [VITEST, 'run', '--reporter=json', `--outputFile=${report}`];
  await new Promise((resolve) => execFile(process.execPath, args, { cwd: pathOf('leaky/') }, resolve));
  ran = JSON.parse(readFileSync(report, 'utf8')).testResults;
});
afterAll(() => rmSync(dir, { recursive: true }));

/** What vitest says of a leaky file. */
const saidOf = (file: string) => ran.find(({ name }) => name.endsWith(file));

describe('a test file in which something is told', () => {
  it.each([
    ['a log line that is kept from the screen', 'a line tells @example.com: {"level":"WARN",'],
    ['a metric', 'a line tells sample-secret: {"_aws":'],
    ["a library's warning", "a line tells @example.com: warning { of: 'ada@example.com' }"],
    ['stderr', 'stderr tells shibboleth: stderr has shibboleth'],
    ['a URL', 'request of http://127.0.0.1:3 tells @example.com: http://127.0.0.1:3/url?email=ada%40example.com'],
    ['a header, in base64', 'request of http://127.0.0.1:3 tells @example.com: http://127.0.0.1:3/header'],
    ['a header of the SDK, in hex', 'request of 127.0.0.1 tells @example.com: /sdk'],
  ])('fails, and says where: %s', (_where, words) => {
    expect(saidOf('everything.leak.ts')).toMatchObject({ status: 'failed', message: expect.stringContaining(words) });
  });

  it('is not blamed for where HubSpot wants the address, or for what a test itself asks', () => {
    const { message } = saidOf('everything.leak.ts') ?? {};

    expect(message).not.toMatch(/in-its-place|by-a-test/);
  });
});

describe('a test file in which nothing is told', () => {
  it('passes', () => {
    expect(saidOf('nothing.leak.ts')).toMatchObject({ status: 'passed' });
  });
});
