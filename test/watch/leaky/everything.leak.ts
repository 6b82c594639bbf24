import { request } from 'node:http';
import process from 'node:process';
import { it, vi } from 'vitest';
import { createReport } from '../../../functions/aws/telemetry.ts';
import { ASKED_BY_A_TEST } from '../asked-by-a-test.ts';

/** Nobody listens there; fetch does not ask port 9 at all. */
const NOWHERE = 'http://127.0.0.1:3';
const base64 = Buffer.from('?ada@example.com').toString('base64url');
const hex = Buffer.from('ada@example.com').toString('hex');

it('tells in a log line, which the test keeps from the screen', () => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  createReport('deliver').report({
    event: 'request.unauthenticated',
    source: 'generic',
    reason: 'line of ada@example.com',
  });
});

it('tells in a metric', () => {
  createReport('deliver').report({ event: 'signals.ignored', source: 'sample-secret-metric', count: 1 });
});

it('tells as a library warns', () => {
  const { console: global } = globalThis;
  global.warn('warning', { of: 'ada@example.com' });
});

it('tells on stderr', () => {
  process.stderr.write('stderr has shibboleth\n');
});

it('tells in a URL', async () => {
  await fetch(`${NOWHERE}/communication-preferences/v4/statuses/in-its-place%40example.com`).catch(() => undefined);
  await fetch(`${NOWHERE}/by-a-test?email=ada%40example.com`, { headers: ASKED_BY_A_TEST }).catch(() => undefined);
  await fetch(`${NOWHERE}/url?email=ada%40example.com`).catch(() => undefined);
});

it('tells in headers', async () => {
  await fetch(`${NOWHERE}/header`, { headers: { 'x-amzn-trace-id': base64 } }).catch(() => undefined);
  await new Promise((resolve) => {
    request(`${NOWHERE}/sdk`, { headers: { 'x-trace': hex } })
      .on('error', resolve)
      .end();
  });
});
