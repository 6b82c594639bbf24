import { createHmac } from 'node:crypto';
import process from 'node:process';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { StackUnderTest } from './stack-under-test.ts';
import { stackUnderTest, until } from './stack-under-test.ts';

let stack: StackUnderTest;
beforeAll(async () => {
  stack = await stackUnderTest();
});
afterAll(() => stack.stop());

const EMAIL = 'forgotten@example.com';
const JSON_TYPE = { 'content-type': 'application/json' };

/** One event about contact 4711, signed as HubSpot signs it now. */
async function hubspotSays(event: object) {
  const path = '/webhooks/hubspot';
  const body = JSON.stringify([{ eventId: 1, portalId: 62515, subscriptionId: 12345, objectId: 4711, ...event }]);
  const timestamp = String(Date.now());
  const signed = `POST${stack.url}${path}${body}${timestamp}`;
  const signature = createHmac('sha256', 'sample-secret-hubspot').update(signed).digest('base64');
  const proof = { 'x-hubspot-signature-v3': signature, 'x-hubspot-request-timestamp': timestamp };
  const { status } = await stack.post({ path, headers: { ...JSON_TYPE, ...proof }, body });
  expect(status).toBe(200);
}

async function ledger() {
  const client = new DynamoDBClient({ endpoint: process.env.AWS_ENDPOINT_URL_DYNAMODB ?? '' });
  const { Items = [] } = await client.send(new ScanCommand({ TableName: process.env.LEDGER_TABLE }));
  client.destroy();
  return Items.map((item) => unmarshall(item));
}

/** What is remembered of the contact, and of the address, for what is still to come of them. */
const isTombstone = ({ id }: Record<string, unknown>) => String(id).startsWith('erased#');

it('leaves no address of a contact in the ledger whom HubSpot has deleted for privacy, but what was done', async () => {
  const change = {
    subscriptionType: 'contact.propertyChange',
    occurredAt: Date.now(),
    propertyName: 'hs_email_bad_address',
    propertyValue: 'true',
  };
  await stack.sim(`contacts/${EMAIL}`, 'PUT', { id: '4711' });
  await hubspotSays(change);
  await stack.post({ path: '/unsubscribe', headers: JSON_TYPE, body: JSON.stringify({ email: EMAIL }) });
  await stack.post({ path: '/unsubscribe', headers: JSON_TYPE, body: '{"email":"kept@example.com"}' });
  const before = await until(ledger, (items) => items.filter(({ closedAt }) => closedAt).length === 3);
  expect(before.filter(({ email }) => email === EMAIL)).toHaveLength(2);
  expect(await stack.contact(EMAIL)).toMatchObject({ optedOut: true });

  await hubspotSays({ subscriptionType: 'contact.privacyDeletion', occurredAt: Date.now() });

  const after = await until(ledger, (items) => !JSON.stringify(items).includes(EMAIL));
  const [tombstones, items] = [after.filter(isTombstone), after.filter((item) => !isTombstone(item))];
  expect(tombstones).toHaveLength(2);
  expect(items.map(({ id }) => id).toSorted()).toEqual(before.map(({ id }) => id).toSorted());
  const forgotten = items.filter(({ erasedAt }) => erasedAt);
  expect(forgotten).toHaveLength(2);
  for (const item of forgotten) {
    expect(item).toMatchObject({ state: 'confirmed', evidence: expect.any(String) });
    expect(item).not.toHaveProperty('contactId');
  }
  expect(after.filter(({ email }) => email === 'kept@example.com')).toHaveLength(1);
  await until(
    async () => stack.lines('ledger.erased'),
    (lines) => lines.length === 1,
  );
  expect(stack.lines('ledger.erased')).toMatchObject([{ count: 2, service: 'deliver' }]);

  await hubspotSays(change);

  await until(
    async () => stack.lines('optout.attempted'),
    (lines) => lines.some(({ outcome }) => outcome === 'duplicate'),
  );
  expect(JSON.stringify(await ledger())).not.toContain(EMAIL);
  expect(stack.written.join('')).not.toContain(EMAIL);
});
