import type { ChildProcess } from 'node:child_process';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseEnv, promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from './stack-under-test.ts';

let dir: string;
let running: ChildProcess | undefined;
let output = '';

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'optout-relay-'));
});
afterAll(async () => {
  await stop();
  rmSync(dir, { recursive: true, force: true });
});

/** Starts the stack in a process of its own, on the data of the one before. Returns its environment. */
async function start(mode: 'live' | 'observe'): Promise<NodeJS.Dict<string>> {
  const env = { ...process.env, PORT: '0', HUBSPOT_PORT: '0', LOCAL_DIR: dir, RELAY_MODE: mode };
  output = '';
  running = spawn(process.execPath, ['local/start.ts'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [running.stdout, running.stderr]) stream?.on('data', (chunk) => (output += chunk));
  await until(
    async () => output,
    (text) => text.includes('Ctrl-C stops') && existsSync(join(dir, 'env')),
  );
  return parseEnv(readFileSync(join(dir, 'env'), 'utf8'));
}

/** Counts the attempts in the log. The published results, which are printed too, have an outcome as well. */
function attemptsWith(outcome: string): number {
  const isOne = (line: string) =>
    line.includes('"event":"optout.attempted"') && line.includes(`"outcome":"${outcome}"`);
  return output.split('\n').filter(isOne).length;
}

async function stop(): Promise<void> {
  const child = running;
  running = undefined;
  if (!child) return;
  child.kill('SIGINT');
  await once(child, 'exit');
}

async function relay(...args: readonly string[]) {
  const [name = '', ...rest] = args;
  const command = [join('cli', 'relay.ts'), name, '--env', join(dir, 'env'), ...rest];
  const failed = (error: { code: number; stdout: string; stderr: string }) => error;
  return promisify(execFile)(process.execPath, command)
    .then((result) => ({ ...result, code: 0 }))
    .catch(failed);
}

it('writes nothing to HubSpot, reports what it would have changed, and catches up when it goes live', async () => {
  const observing = await start('observe');
  const sim = (path: string, init: RequestInit = {}) => fetch(`${observing.HUBSPOT_BASE_URL}/_sim/${path}`, init);
  await sim('contacts/known%40example.com', { method: 'PUT', body: JSON.stringify({ optedOut: true }) });
  const receipts: string[] = [];
  for (const email of ['known@example.com', 'new@example.com']) {
    const headers = { accept: 'application/json' };
    const body = new URLSearchParams({ email });
    const response = await fetch(`${observing.PUBLIC_URL}/unsubscribe`, { method: 'POST', headers, body });
    receipts.push(((await response.json()) as { receipt: string }).receipt);
  }
  await until(
    async () => attemptsWith('observed'),
    (count) => count === 2,
  );

  const contact = async (email: string) => (await sim(`contacts/${email}`)).json();
  expect(await contact('new@example.com')).toMatchObject({ optedOut: false, optOutWrites: 0 });
  const receipt = await fetch(receipts[1] ?? '', { headers: { accept: 'application/json' } });
  expect(await receipt.json()).toMatchObject({ state: 'received' });
  expect(JSON.parse((await relay('report', '--json')).stdout)).toEqual({
    ...{
      source: 'form',
      optOuts: 2,
      wouldChange: 1,
      alreadyKnown: 1,
      superseded: 0,
      held: 0,
      waiting: 0,
      confirmed: 0,
    },
  });
  expect((await relay('apply', '--dry-run')).stdout).toContain('2 observed opt-outs. Nothing was changed.');
  expect(await relay('apply', '--yes')).toMatchObject({ code: 2, stderr: expect.stringContaining('mode=live') });
  await stop();

  const live = await start('live');
  expect((await relay('apply', '--yes')).stdout).toBe('2 opt-outs sent to the queue.\n');
  await until(
    async () => attemptsWith('confirmed'),
    (count) => count === 2,
  );

  const written = await fetch(`${live.HUBSPOT_BASE_URL}/_sim/contacts/new@example.com`);
  expect(await written.json()).toMatchObject({ optedOut: true, optOutWrites: 1 });
  expect((await relay('apply', '--yes')).stdout).toContain('0 opt-outs');
}, 60_000);
