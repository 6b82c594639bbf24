import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SECRET_NAMES } from '../../local/secrets.ts';
import type { StackUnderTest } from './stack-under-test.ts';
import { stackUnderTest, until } from './stack-under-test.ts';

let stack: StackUnderTest;

beforeAll(async () => {
  stack = await stackUnderTest();
});
afterAll(() => stack.stop());

const JSON_TYPE = { 'content-type': 'application/json' };

/** Submits the form and returns a function that reads the status. */
async function optOut(email: string) {
  const response = await stack.post({ path: '/unsubscribe', headers: JSON_TYPE, body: JSON.stringify({ email }) });
  expect(response.status).toBe(202);
  const { receipt } = (await response.json()) as { receipt: string };
  return async () => {
    const read = await fetch(receipt, { headers: { accept: 'application/json' } });
    return (await read.json()) as { readonly state: string };
  };
}

const isConfirmed = ({ state }: { readonly state: string }) => state === 'confirmed';

const HTML = '<html>gateway</html>';
const EMPTY = { status: 'COMPLETE', results: [] };
const PENDING = { status: 'PENDING', results: [] };
const OTHER_ADDRESS = {
  status: 'COMPLETE',
  results: [{ status: 'UNSUBSCRIBED', subscriberIdString: 'someone.else@example.com' }],
};

/** Plans faults for one address and one request each, so that the tests can run concurrently. */
function planFaults(email: string, faults: readonly object[]): Promise<unknown> {
  const match = `${email}/unsubscribe-all`;
  return stack.sim(
    'faults',
    'POST',
    faults.map((fault) => ({ match, method: 'POST', times: 1, ...fault })),
  );
}

async function writesFor(email: string): Promise<number> {
  const requests = await stack.asked();
  return requests.filter(({ method, path }) => method === 'POST' && decodeURIComponent(path).includes(email)).length;
}

describe.concurrent('an opt-out is written once and confirmed only with evidence', () => {
  it.each([
    ['is down for a moment', [{ status: 503 }], 2],
    ['responds with 429 and Retry-After', [{ status: 429, headers: { 'Retry-After': '1' } }], 2],
    ['cuts the connection before the write', [{ drop: 'before' }], 2],
    ['cuts the connection after the write', [{ drop: 'after' }], 1],
    ['reports success and applies nothing', [{ status: 200, body: EMPTY }], 2],
    ['reports success without evidence', [{ status: 200, body: EMPTY, apply: true }], 1],
    ['responds with PENDING and applies nothing', [{ status: 202, body: PENDING }], 2],
    ['responds with another address and applies nothing', [{ status: 200, body: OTHER_ADDRESS }], 2],
    ['responds with HTML and applies nothing', [{ status: 200, body: HTML }], 2],
    ['responds with 204 and applies nothing', [{ status: 204, body: '' }], 2],
    ['is slower than the time limit', [{ delayMs: 6_000 }], 1],
  ])('when HubSpot %s', async (what, faults, posts) => {
    const email = `${what.replaceAll(/\W/g, '-')}@example.com`.toLowerCase();
    await planFaults(email, faults);

    const receipt = await optOut(email);

    const seen = new Set<string>();
    await until(receipt, (each) => seen.add(each.state).has('confirmed'));
    expect([...seen].filter((state) => state !== 'received')).toEqual(['confirmed']);
    expect(await stack.contact(email)).toMatchObject({ optedOut: true, optOutWrites: 1 });
    expect(await writesFor(email)).toBe(posts);
  });

  it('unless HubSpot rejects it for good; then it is rejected after one write', async () => {
    const email = 'rejected@example.com';
    await planFaults(email, [{ status: 400 }]);

    const receipt = await optOut(email);

    const rejected = async () => stack.lines('optout.attempted').filter(({ outcome }) => outcome === 'rejected');
    await until(rejected, (lines) => lines.length === 1);
    expect(await writesFor(email)).toBe(1);
    expect(await receipt()).toMatchObject({ state: 'received' });
  });
});

it('loses no opt-out while the token is rotated under load', async () => {
  const addresses = Array.from({ length: 60 }, (_, index) => `rotated-${index}@example.com`);
  const secrets = new SecretsManagerClient();

  const receipts = await Promise.all(
    addresses.map(async (email, index) => {
      const receipt = await optOut(email);
      if (index !== 20) return receipt;
      const SecretString = JSON.stringify({ token: 'pat-test-rotated' });
      await secrets.send(new PutSecretValueCommand({ SecretId: SECRET_NAMES.hubspot, SecretString }));
      await stack.sim('tokens', 'POST', { tokens: ['pat-test-rotated'] });
      return receipt;
    }),
  );

  for (const receipt of receipts) await until(receipt, isConfirmed);
  for (const email of addresses) expect(await stack.contact(email)).toMatchObject({ optedOut: true, optOutWrites: 1 });
});
