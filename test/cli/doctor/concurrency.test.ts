import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:http';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { checkConcurrency } from '../../../cli/doctor/concurrency.ts';
import { closeServer, listenOnLoopback } from '../../../local/listen.ts';

beforeEach(() => {
  const credentials = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret', AWS_REGION: 'eu-central-1' };
  for (const [name, value] of Object.entries(credentials)) vi.stubEnv(name, value);
});
afterEach(() => vi.unstubAllEnvs());

/** The findings if Lambda's API responds with `body`, and the request that it got. */
async function findingsWith(body: unknown, status = 200) {
  const requests: Pick<IncomingMessage, 'method' | 'url' | 'headers'>[] = [];
  const server = createServer(({ method, url, headers }, response) => {
    requests.push({ ...(method && { method }), ...(url && { url }), headers });
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', `http://127.0.0.1:${await listenOnLoopback(server, 0)}`);
  const findings = await checkConcurrency();
  await closeServer(server);
  return { findings, requests };
}

it('accepts the quota of an account in use, which it reads with one signed call', async () => {
  const { findings, requests } = await findingsWith({ AccountLimit: { ConcurrentExecutions: 1000 } });

  expect(findings).toEqual([
    { check: 'concurrency', result: 'ok', message: 'the account may run 1,000 functions at once' },
  ]);
  expect(requests).toMatchObject([{ method: 'GET', url: '/2016-08-19/account-settings/' }]);
  expect(requests[0]?.headers.authorization).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/lambda\/aws4_request, /,
  );
});

it('warns of the quota of a new account, with the command that raises it', async () => {
  const { findings } = await findingsWith({ AccountLimit: { ConcurrentExecutions: 10 } });

  expect(findings).toMatchObject([
    {
      result: 'warning',
      message: 'the account may run 10 functions at once: in a burst, webhooks and pages get errors',
      fix: expect.stringContaining('--quota-code L-B99A9384'),
    },
  ]);
});

it.each([
  ['a denied call', { Message: 'not authorized' }, 403],
  ['a response without a limit', {}, 200],
])('reports %s, and names the permission', async (_what, body, status) => {
  const { findings } = await findingsWith(body, status);

  expect(findings).toEqual([
    {
      check: 'concurrency',
      result: 'fault',
      message: `Lambda responded with ${status}`,
      fix: 'check your permission for lambda:GetAccountSettings',
    },
  ]);
});

it('looks for no quota outside of AWS', async () => {
  vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', '');
  vi.stubEnv('QUEUE_URL', 'http://127.0.0.1:9324/000000000000/optout-relay');

  expect(await checkConcurrency()).toEqual([]);
});
