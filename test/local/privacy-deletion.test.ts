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

const EMAIL = 'erased@example.com';
const JSON_TYPE = { 'content-type': 'application/json' };

/** Sends a HubSpot event about contact 4711 with a current signature. */
async function sendHubSpotEvent(event: object) {
  const path = '/webhooks/hubspot';
  const body = JSON.stringify([{ eventId: 1, portalId: 62515, subscriptionId: 12345, objectId: 4711, ...event }]);
  const timestamp = String(Date.now());
  const signed = `POST${stack.url}${path}${body}${timestamp}`;
  const signature = createHmac('sha256', 'sample-secret-hubspot').update(signed).digest('base64');
  const signatureHeaders = { 'x-hubspot-signature-v3': signature, 'x-hubspot-request-timestamp': timestamp };
  const { status } = await stack.post({ path, headers: { ...JSON_TYPE, ...signatureHeaders }, body });
  expect(status).toBe(200);
}

async function ledgerItems() {
  const client = new DynamoDBClient({ endpoint: process.env.AWS_ENDPOINT_URL_DYNAMODB ?? '' });
  const { Items = [] } = await client.send(new ScanCommand({ TableName: process.env.LEDGER_TABLE }));
  client.destroy();
  return Items.map((item) => unmarshall(item));
}

/** The tombstones of the contact and the address, for commands that are still on the queue. */
const isTombstone = ({ id }: Record<string, unknown>) => String(id).startsWith('erased#');

it('erases a contact that HubSpot deleted for privacy from the ledger, and keeps the proof of the opt-outs', async () => {
  const change = {
    subscriptionType: 'contact.propertyChange',
    occurredAt: Date.now(),
    propertyName: 'hs_email_bad_address',
    propertyValue: 'true',
  };
  await stack.sim(`contacts/${EMAIL}`, 'PUT', { id: '4711', properties: { hs_email_bad_address: 'true' } });
  await sendHubSpotEvent(change);
  await stack.post({ path: '/unsubscribe', headers: JSON_TYPE, body: JSON.stringify({ email: EMAIL }) });
  await stack.post({ path: '/unsubscribe', headers: JSON_TYPE, body: '{"email":"kept@example.com"}' });
  const before = await until(ledgerItems, (items) => items.filter(({ closedAt }) => closedAt).length === 3);
  expect(before.filter(({ email }) => email === EMAIL)).toHaveLength(2);
  expect(await stack.contact(EMAIL)).toMatchObject({ optedOut: true });

  await sendHubSpotEvent({ subscriptionType: 'contact.privacyDeletion', occurredAt: Date.now() });

  const after = await until(ledgerItems, (items) => !JSON.stringify(items).includes(EMAIL));
  const [tombstones, items] = [after.filter(isTombstone), after.filter((item) => !isTombstone(item))];
  expect(tombstones).toHaveLength(2);
  expect(items.map(({ id }) => id).toSorted()).toEqual(before.map(({ id }) => id).toSorted());
  const erased = items.filter(({ erasedAt }) => erasedAt);
  expect(erased).toHaveLength(2);
  for (const item of erased) {
    expect(item).toMatchObject({ state: 'confirmed', evidence: expect.any(String) });
    expect(item).not.toHaveProperty('contactId');
  }
  expect(after.filter(({ email }) => email === 'kept@example.com')).toHaveLength(1);
  await until(
    async () => stack.lines('ledger.erased'),
    (lines) => lines.length === 1,
  );
  expect(stack.lines('ledger.erased')).toMatchObject([{ count: 2, service: 'deliver' }]);

  await sendHubSpotEvent(change);

  await until(
    async () => stack.lines('optout.attempted'),
    (lines) => lines.some(({ outcome }) => outcome === 'duplicate'),
  );
  expect(JSON.stringify(await ledgerItems())).not.toContain(EMAIL);
  expect(stack.written.join('')).not.toContain(EMAIL);
});
