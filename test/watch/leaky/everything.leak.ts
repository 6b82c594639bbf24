import { request } from 'node:http';
import process from 'node:process';
import { it, vi } from 'vitest';
import { createReport } from '../../../functions/aws/telemetry.ts';
import { TEST_REQUEST } from '../test-request.ts';

/** A closed port. Not 9, which fetch blocks. */
const CLOSED = 'http://127.0.0.1:3';
const base64 = Buffer.from('?ada@example.com').toString('base64url');
const hex = Buffer.from('ada@example.com').toString('hex');

it('leaks in a log line that the test hides', () => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  createReport('deliver').report({
    event: 'request.unauthenticated',
    source: 'generic',
    reason: 'line of ada@example.com',
  });
});

it('leaks in a metric', () => {
  createReport('deliver').report({ event: 'signals.ignored', source: 'sample-secret-metric', count: 1 });
});

it("leaks in a library's warning", () => {
  const { console: global } = globalThis;
  global.warn('warning', { of: 'ada@example.com' });
});

it('leaks on stderr', () => {
  process.stderr.write('stderr has shibboleth\n');
});

it('leaks in a URL', async () => {
  await fetch(`${CLOSED}/communication-preferences/v4/statuses/in-its-place%40example.com`).catch(() => undefined);
  await fetch(`${CLOSED}/by-a-test?email=ada%40example.com`, { headers: TEST_REQUEST }).catch(() => undefined);
  await fetch(`${CLOSED}/url?email=ada%40example.com`).catch(() => undefined);
});

it('leaks in headers', async () => {
  await fetch(`${CLOSED}/header`, { headers: { 'x-amzn-trace-id': base64 } }).catch(() => undefined);
  await new Promise((resolve) => {
    request(`${CLOSED}/sdk`, { headers: { 'x-trace': hex } })
      .on('error', resolve)
      .end();
  });
});
