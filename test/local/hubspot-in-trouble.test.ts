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

/** Opts out by the form; gives what asks for the receipt. */
async function optOut(email: string) {
  const answer = await stack.post({ path: '/unsubscribe', headers: JSON_TYPE, body: JSON.stringify({ email }) });
  expect(answer.status).toBe(202);
  const { receipt } = (await answer.json()) as { receipt: string };
  return async () => {
    const read = await fetch(receipt, { headers: { accept: 'application/json' } });
    return (await read.json()) as { readonly state: string };
  };
}

const isConfirmed = ({ state }: { readonly state: string }) => state === 'confirmed';

const GARBAGE = '<html>gateway</html>';
const EMPTY = { status: 'COMPLETE', results: [] };
const PENDING = { status: 'PENDING', results: [] };
const SOMEBODY_ELSE = {
  status: 'COMPLETE',
  results: [{ status: 'UNSUBSCRIBED', subscriberIdString: 'somebody.else@example.com' }],
};

/** Faults for the calls about one address, so that the tests may run side by side. */
function trouble(email: string, faults: readonly object[]): Promise<unknown> {
  const match = `${email}/unsubscribe-all`;
  return stack.sim(
    'faults',
    'POST',
    faults.map((fault) => ({ match, method: 'POST', ...fault })),
  );
}

async function writesFor(email: string): Promise<number> {
  const asked = await stack.asked();
  return asked.filter(({ method, path }) => method === 'POST' && decodeURIComponent(path).includes(email)).length;
}

describe.concurrent('one write, and no word of success before HubSpot has agreed', () => {
  it.each([
    ['is down for a moment', [{ status: 503 }], 2],
    ['says it is too fast, and for how long', [{ status: 429, headers: { 'Retry-After': '1' } }], 2],
    ['cuts the connection before the write', [{ drop: 'before' }], 2],
    ['cuts the connection after the write', [{ drop: 'after' }], 1],
    ['claims success and applies nothing', [{ status: 200, body: EMPTY }], 2],
    ['claims success and shows no evidence', [{ status: 200, body: EMPTY, apply: true }], 1],
    ['says PENDING and applies nothing', [{ status: 202, body: PENDING }], 2],
    ['answers for somebody else and applies nothing', [{ status: 200, body: SOMEBODY_ELSE }], 2],
    ['answers garbage and applies nothing', [{ status: 200, body: GARBAGE }], 2],
    ['answers nothing at all and applies nothing', [{ status: 204, body: '' }], 2],
    ['is slower than we wait', [{ delayMs: 6_000 }], 1],
  ])('when HubSpot %s', async (what, faults, posts) => {
    const email = `${what.replaceAll(/\W/g, '-')}@example.com`.toLowerCase();
    await trouble(email, faults);

    const receipt = await optOut(email);

    const seen = new Set<string>();
    await until(receipt, (each) => seen.add(each.state).has('confirmed'));
    expect([...seen].filter((state) => state !== 'received')).toEqual(['confirmed']);
    expect(await stack.contact(email)).toMatchObject({ optedOut: true, optOutWrites: 1 });
    expect(await writesFor(email)).toBe(posts);
  });

  it('and what HubSpot refuses for good is left to a person, neither confirmed nor lost', async () => {
    const email = 'refused@example.com';
    await trouble(email, [{ status: 400 }]);

    const receipt = await optOut(email);

    expect(await until(receipt, ({ state }) => state !== 'received')).toMatchObject({ state: 'rejected' });
    expect(await writesFor(email)).toBe(1);
  });
});

it('loses nothing while the token is rotated under load', async () => {
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
