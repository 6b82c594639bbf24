import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoggedRequest } from '../../local/hubspot/request-log.ts';
import type { Sample } from '../../local/samples.ts';
import type { GivenSecrets } from '../../local/secrets.ts';
import type { Stack } from '../../local/stack.ts';
import { startStack } from '../../local/stack.ts';

/** The whole relay, started for one test file, and short ways to use it. */
export interface StackUnderTest extends Stack {
  readonly dir: string;
  post(sample: Omit<Sample, 'body'> & { readonly body: string | Buffer }): Promise<Response>;
  /** A control path of the simulator. */
  sim(path: string, method?: string, body?: unknown): Promise<unknown>;
  contact(email: string): Promise<{ readonly optedOut: boolean; readonly optOutWrites: number }>;
  /** The requests that HubSpot has got, without those of the control paths. */
  asked(): Promise<readonly LoggedRequest[]>;
}

export async function stackUnderTest(
  settings: Readonly<Record<string, string>> = {},
  secrets: GivenSecrets = {},
): Promise<StackUnderTest> {
  const dir = mkdtempSync(join(tmpdir(), 'optout-relay-'));
  const stack = await startStack({
    dir,
    port: 0,
    hubspotPort: 0,
    secrets,
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

/** Asks until the answer holds, for at most `limitMs`, with pauses between. */
export async function until<Value>(
  ask: () => Promise<Value>,
  holds: (value: Value) => boolean,
  { limitMs = 15_000, everyMs = 25 } = {},
) {
  const endMs = Date.now() + limitMs;
  for (;;) {
    const value = await ask();
    if (holds(value)) return value;
    if (Date.now() > endMs) throw new Error(`not so within ${limitMs} ms: ${JSON.stringify(value)}`);
    await sleep(everyMs);
  }
}
