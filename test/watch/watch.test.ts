import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const pathOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const VITEST = pathOf('../../node_modules/vitest/vitest.mjs');

interface FileResult {
  readonly name: string;
  readonly status: string;
  readonly message: string;
}

let results: readonly FileResult[];
const dir = mkdtempSync(join(tmpdir(), 'optout-relay-'));
beforeAll(async () => {
  const report = join(dir, 'report.json');
  const args = [VITEST, 'run', '--reporter=json', `--outputFile=${report}`];
  await new Promise((resolve) => execFile(process.execPath, args, { cwd: pathOf('leaky/') }, resolve));
  results = JSON.parse(readFileSync(report, 'utf8')).testResults;
});
afterAll(() => rmSync(dir, { recursive: true }));

/** Returns vitest's result of a leaky file. */
const resultOf = (file: string) => results.find(({ name }) => name.endsWith(file));

describe('a test file with leaks', () => {
  it.each([
    ['a log line that the test hides', 'a line contains @example.com: {"level":"WARN",'],
    ['a metric', 'a line contains sample-secret: {"_aws":'],
    ["a library's warning", "a line contains @example.com: warning { of: 'ada@example.com' }"],
    ['stderr', 'stderr contains shibboleth: stderr has shibboleth'],
    ['a URL', 'a request to http://127.0.0.1:3 contains @example.com: http://127.0.0.1:3/url?email=ada%40example.com'],
    ['a header, in base64', 'a request to http://127.0.0.1:3 contains @example.com: http://127.0.0.1:3/header'],
    ['a header of the SDK, in hex', 'a request to 127.0.0.1 contains @example.com: /sdk'],
  ])('fails with the place of the leak: %s', (_place, text) => {
    expect(resultOf('everything.leak.ts')).toMatchObject({ status: 'failed', message: expect.stringContaining(text) });
  });

  it("ignores the address in HubSpot's path and the test's own requests", () => {
    const { message } = resultOf('everything.leak.ts') ?? {};

    expect(message).not.toMatch(/in-its-place|by-a-test/);
  });
});

describe('a test file without leaks', () => {
  it('passes', () => {
    expect(resultOf('nothing.leak.ts')).toMatchObject({ status: 'passed' });
  });
});
