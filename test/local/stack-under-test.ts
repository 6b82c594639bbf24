import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { vi } from 'vitest';
import { defineConfig } from '../../functions/config/relay-config.ts';
import type { Sample } from '../../local/samples.ts';
import type { GivenSecrets } from '../../local/secrets.ts';
import type { Stack } from '../../local/stack.ts';
import { startStack } from '../../local/stack.ts';
import { ENDPOINT } from '../aws/services.ts';
import { sampleSourceSecrets } from '../sample-secrets.ts';

/** The relay, started for one test file, with helpers. */
export interface StackUnderTest extends Stack {
  readonly dir: string;
  /** Output of the functions on stdout, which is hidden while the test file runs. */
  readonly written: string[];
  /** Returns the log lines of an event. */
  lines(event: string): readonly Record<string, unknown>[];
  post(sample: Sample): Promise<Response>;
  /** Calls a control path of the simulator. */
  sim(path: string, method?: string, body?: unknown): Promise<unknown>;
  contact(email: string): Promise<{ readonly optedOut: boolean; readonly optOutWrites: number }>;
  /** Returns the API requests that the simulator received. */
  asked(): Promise<readonly { readonly method: string; readonly path: string; readonly status: number }[]>;
}

/** Fixed secrets, which the samples of the tests are signed with. */
const SECRETS: GivenSecrets = {
  sources: sampleSourceSecrets(),
  links: { keys: [{ kid: 'test', key: Buffer.alloc(32, 7).toString('base64url') }], apiKeys: ['sample-secret-links'] },
};

/** Starts the relay. `config` replaces relay.config.ts. With `secrets: {}`, all secrets are generated. */
export async function stackUnderTest(
  settings: Readonly<Record<string, string>> = {},
  config?: Parameters<typeof defineConfig>[0],
  secrets = SECRETS,
): Promise<StackUnderTest> {
  if (config) vi.doMock('../../relay.config.ts', () => ({ relayConfig: defineConfig(config) }));
  const written: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  const dir = mkdtempSync(join(tmpdir(), 'optout-relay-'));
  // moto continues the long polls of an earlier stack, which would receive the messages of this one.
  if (ENDPOINT) await fetch(`${ENDPOINT}/moto-api/reset`, { method: 'POST' });
  const stack = await startStack({
    dir,
    port: 0,
    hubspotPort: 0,
    secrets,
    endpoint: ENDPOINT,
    settings: { HUBSPOT_RATE_PER_10_S: '2000', ...settings },
  });
  const sim = async (path: string, method = 'GET', body?: unknown) => {
    const response = await fetch(`${stack.hubspotUrl}/_sim/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`the simulator answered ${response.status}: ${await response.text()}`);
    return response.json();
  };
  return {
    ...stack,
    dir,
    written,
    lines: (event) => linesIn(written).filter((line) => line.event === event),
    sim,
    post: ({ path, headers, body }) => fetch(stack.url + path, { method: 'POST', headers, body, redirect: 'manual' }),
    contact: async (email) => (await sim(`contacts/${encodeURIComponent(email)}`)) as never,
    asked: async () => (await sim('requests')) as never,
    async stop() {
      await stack.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function linesIn(written: readonly string[]): Record<string, unknown>[] {
  const lines = written.flatMap((chunk) => chunk.trim().split('\n'));
  return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
}

/** Polls until the result passes the check, for at most `limitMs`. */
export async function until<Value>(ask: () => Promise<Value>, holds: (value: Value) => boolean, limitMs = 15_000) {
  const endMs = Date.now() + limitMs;
  for (;;) {
    const value = await ask();
    if (holds(value)) return value;
    if (Date.now() > endMs) throw new Error(`not so within ${limitMs} ms: ${JSON.stringify(value)}`);
    await sleep(25);
  }
}
