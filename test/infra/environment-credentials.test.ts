import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { afterEach, expect, it, vi } from 'vitest';
import { bundle } from '../../infra/bundle.ts';
import { defaultProvider } from '../../infra/environment-credentials.ts';
import { closeServer, listenOnLoopback } from '../../local/listen.ts';

const ROLE = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret', AWS_SESSION_TOKEN: 'session' };

afterEach(() => vi.unstubAllEnvs());

function setEnvironment(variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
}

it('reads the credentials that Lambda sets', async () => {
  setEnvironment(ROLE);

  expect(await defaultProvider()()).toEqual({
    accessKeyId: 'AKIDEXAMPLE',
    secretAccessKey: 'secret',
    sessionToken: 'session',
  });
});

it("accepts credentials without a session token, such as an IAM user's", async () => {
  setEnvironment({ ...ROLE, AWS_SESSION_TOKEN: '' });

  expect(await defaultProvider()()).toEqual({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' });
});

it.each(['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'])('fails without %s', async (name) => {
  setEnvironment({ ...ROLE, [name]: '' });

  await expect(defaultProvider()()).rejects.toThrow(/is missing/);
});

interface Call {
  readonly target: string;
  readonly authorization: string;
  readonly sessionToken: string | undefined;
}

const now = new Date().toISOString();
const email = 'ada@example.com';
const row = { status: 'UNSUBSCRIBED', subscriberIdString: email, wideStatusType: 'PORTAL_WIDE', channel: 'EMAIL' };
const RESPONSES: Readonly<Record<string, unknown>> = {
  'DynamoDB_20120810.UpdateItem': { Attributes: { attempts: { N: '1' }, claimedAt: { S: now } } },
  'secretsmanager.GetSecretValue': { SecretString: 'the-token' },
  hubspot: { status: 'COMPLETE', results: [row], numErrors: 0 },
};

/** Serves AWS and HubSpot on one port, with successful responses. */
function createAwsAndHubSpot(calls: Call[]) {
  return createServer((request, response) => {
    const target = header(request, 'x-amz-target') ?? 'hubspot';
    const authorization = header(request, 'authorization') ?? '';
    calls.push({ target, authorization, sessionToken: header(request, 'x-amz-security-token') });
    response.setHeader('content-type', 'application/json').end(JSON.stringify(RESPONSES[target] ?? {}));
  });
}

function header({ headers }: IncomingMessage, name: string): string | undefined {
  return [headers[name]].flat()[0];
}

it("signs the bundle's calls with them and delivers without installed packages", async () => {
  const calls: Call[] = [];
  const server = createAwsAndHubSpot(calls);
  const origin = `http://127.0.0.1:${await listenOnLoopback(server, 0)}`;
  const folder = mkdtempSync(join(tmpdir(), 'optout-relay-deliver-'));
  await bundle({ to: folder });
  const id = 'a'.repeat(43);
  const command = { version: 1, id, email, source: 'form', kind: 'opt_out', scope: 'all', occurredAt: now };
  const body = JSON.stringify({ ...command, receivedAt: now });
  const event = { Records: [{ messageId: 'm', receiptHandle: 'r', body }] };
  const code = `const { handler } = await import('./index.mjs');
    const answer = await handler(${JSON.stringify(event)}, { awsRequestId: 'r', getRemainingTimeInMillis: () => 9000 });
    console.log(JSON.stringify(answer));`;
  const env = {
    ...ROLE,
    AWS_REGION: 'eu-central-1',
    AWS_ENDPOINT_URL: origin,
    QUEUE_URL: `${origin}/000000000000/queue`,
    LEDGER_TABLE: 'ledger',
    HUBSPOT_SECRET: 'hubspot',
    RECEIPTS_SECRET: 'receipts',
    HUBSPOT_BASE_URL: origin,
  };

  const options = { cwd: join(folder, 'deliver'), env };
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code], options);
  await closeServer(server);
  rmSync(folder, { recursive: true, force: true });

  expect(stdout).toMatch(/\{"batchItemFailures":\[\]\}\n$/);
  const { hubspot: toHubSpot, ...toAws } = Object.groupBy(calls, ({ target }) => target);
  // The definitions, once an hour, and the write.
  expect(toHubSpot).toMatchObject(Array.from({ length: 2 }, () => ({ authorization: 'Bearer the-token' })));
  expect(Object.keys(toAws).sort()).toEqual(['DynamoDB_20120810.UpdateItem', 'secretsmanager.GetSecretValue']);
  for (const { authorization, sessionToken } of Object.values(toAws).flatMap((each) => each ?? [])) {
    expect(authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\//);
    expect(sessionToken).toBe('session');
  }
});
