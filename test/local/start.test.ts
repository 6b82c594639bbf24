import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Dirent } from 'node:fs';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { until } from './stack-under-test.ts';

let dir: string;
const started: ChildProcess[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'optout-relay-'));
});
afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  rmSync(dir, { recursive: true, force: true });
});

type Settings = Readonly<Record<string, string>>;

interface Running {
  readonly child: ChildProcess;
  readonly env: Readonly<Record<string, string>>;
  /** Returns the output so far. */
  said(): string;
}

function spawnStart(settings: Settings = {}, args: readonly string[] = []): Pick<Running, 'child' | 'said'> {
  const env = { ...process.env, PORT: '0', HUBSPOT_PORT: '0', LOCAL_DIR: dir, ...settings };
  const child = spawn(process.execPath, ['local/start.ts', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  started.push(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      said += chunk;
    });
  }
  return { child, said: () => said };
}

async function start(settings: Settings = {}, args: readonly string[] = []): Promise<Running> {
  const { child, said } = spawnStart(settings, args);
  await until(
    async () => said(),
    (text) => text.includes('Ctrl-C stops') || child.exitCode !== null,
  );
  const lines = readFileSync(join(dir, 'env'), 'utf8').trim().split('\n');
  return { child, said, env: Object.fromEntries(lines.map((line) => line.split(/=(.*)/s, 2) as [string, string])) };
}

async function kill({ child }: Pick<Running, 'child'>, signal: NodeJS.Signals): Promise<number | null> {
  child.kill(signal);
  const [code] = await once(child, 'exit');
  return code;
}

interface Contact {
  readonly email: string;
  readonly optedOut: boolean;
  readonly optOutWrites: number;
}

async function contacts({ env }: Running): Promise<readonly Contact[]> {
  return (await fetch(`${env.HUBSPOT_BASE_URL}/_sim/contacts`)).json() as never;
}

it('loses and repeats none of a hundred open commands after a kill', async () => {
  const addresses = Array.from({ length: 100 }, (_, index) => `killed-${index}@example.com`);
  const first = await start();
  const headers = { 'content-type': 'application/json' };
  await Promise.all(
    addresses.map(async (email) => {
      const body = JSON.stringify({ email });
      const response = await fetch(`${first.env.PUBLIC_URL}/unsubscribe`, { method: 'POST', headers, body });
      expect(response.status).toBe(202);
    }),
  );
  await until(
    () => contacts(first),
    (stored) => stored.length >= 15,
  );
  await kill(first, 'SIGKILL');

  const second = await start({ HUBSPOT_RATE_PER_10_S: '1000' });

  expect((await contacts(second)).length).toBeLessThan(100);
  const all = await until(
    () => contacts(second),
    (stored) => stored.length === 100,
    40_000,
  );
  expect(all.every(({ optedOut, optOutWrites }) => optedOut && optOutWrites === 1)).toBe(true);
}, 60_000);

it('prints working links and one curl command, and keeps its files to this user', async () => {
  const running = await start();
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  const isOpen = ({ parentPath, name }: Dirent) => (statSync(join(parentPath, name)).mode & 0o077) !== 0;
  expect(files.filter(isOpen).map(({ name }) => name)).toEqual([]);
  const [console = ''] = running.said().match(/http\S+_local(?=\n)/) ?? [];
  const [landing = ''] = running.said().match(/http\S+_local\/landing/) ?? [];
  const [, link = ''] = running.said().match(/A sealed unsubscribe link\s+(\S+)/) ?? [];
  const [simulated = ''] = running.said().match(/http\S+_sim\/contacts/) ?? [];

  for (const url of [console, landing, link, simulated]) expect((await fetch(url)).status).toBe(200);
  expect(await (await fetch(landing)).text()).toMatch(
    /<form method="post" action="\S+\/unsubscribe" data-unsubscribe>/,
  );
  const curls = curlsIn(running);
  expect(curls).toHaveLength(1);
  expect(await outputOf(curls[0] ?? '')).toMatch(/^\{"receipt":"http/);
  await until(
    () => contacts(running),
    ([each]) => each?.email === 'ada@example.com' && each.optedOut,
  );
});

it('prints samples with --samples, and each of them works', async () => {
  const running = await start({}, ['--samples']);
  const curls = curlsIn(running).filter((curl) => curl.includes('http_code'));

  expect(curls).toHaveLength(7);
  for (const curl of curls) expect(await outputOf(curl)).toBe('200\n');
  await until(
    () => contacts(running),
    (each) => each.filter(({ optedOut }) => optedOut).length === 7,
  );
});

function curlsIn(running: Running): readonly string[] {
  return running.said().match(/^(?:\w+=.*\n)*curl [\s\S]*?(?=\n\n)/gm) ?? [];
}

async function outputOf(command: string): Promise<string> {
  const shell = spawn('bash', ['-c', command]);
  const [output] = await once(shell.stdout, 'data');
  return String(output);
}

it('signs with its own credentials, also if a profile or a session is set', async () => {
  const running = await start({ AWS_PROFILE: 'nobody', AWS_SESSION_TOKEN: 'of-nobody' });

  expect(running.said()).toContain('Ctrl-C stops');
  const relay = ['cli/relay.ts', 'status', '--env', join(dir, 'env')];
  const env = { ...process.env, AWS_PROFILE: 'nobody' };
  const status = spawn(process.execPath, relay, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  expect(await once(status, 'exit')).toEqual([0, null]);
});

it('stops on Ctrl-C', async () => {
  const running = await start();

  expect(await kill(running, 'SIGINT')).toBe(0);
  expect(running.said()).toContain('Stopping');
});

it('names the port in use', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };

  const { child, said } = spawnStart({ PORT: `${port}` });

  const [code] = await once(child, 'exit');
  server.close();
  expect(code).toBe(1);
  expect(said()).toContain(`Port ${port} is in use`);
  expect(existsSync(join(dir, 'env'))).toBe(false);
});

it.each([
  ['an invalid port', { PORT: 'eighty' }, 'PORT must be a port number'],
  [
    'a missing file of secrets',
    { LOCAL_SECRETS: 'package-lock.yaml' },
    'LOCAL_SECRETS: package-lock.yaml must be a file',
  ],
  [
    'an endpoint that is not a URL',
    { AWS_ENDPOINT_URL: 'localhost:4566' },
    'the endpoint must be a URL without a path',
  ],
])('explains %s', async (_what, settings, sentence) => {
  const { child, said } = spawnStart(settings as Record<string, string>);

  const [code] = await once(child, 'exit');

  expect(code).toBe(1);
  expect(said()).toContain(sentence);
});
