import process from 'node:process';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTableClient } from '../../functions/aws/dynamodb/table.ts';
import type { Entry } from '../../functions/core/ledger/ledger.ts';
import { signedBySendgrid } from '../signed-samples.ts';
import type { StackUnderTest } from './stack-under-test.ts';
import { stackUnderTest, until } from './stack-under-test.ts';

let stack: StackUnderTest;
let client: DynamoDBClient;

beforeAll(async () => {
  stack = await stackUnderTest();
  client = new DynamoDBClient();
});
afterAll(async () => {
  client.destroy();
  await stack.stop();
});
beforeEach(() => stack.sim('reset', 'POST'));

const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000);
const optIn = (email: string, at: Date) =>
  stack.sim(`contacts/${email}`, 'PUT', { statuses: [{ status: 'SUBSCRIBED', timestamp: at.toISOString() }] });

/** Sends a SendGrid unsubscribe event about the past. */
async function sendUnsubscribe(email: string, at: Date, eventId: string): Promise<void> {
  const timestamp = Math.floor(at.getTime() / 1000);
  const event = { email, event: 'unsubscribe', timestamp, sg_event_id: eventId };
  expect((await stack.post(signedBySendgrid([event], new Date()))).status).toBe(200);
}

async function closed(email: string, count = 1): Promise<readonly Entry[]> {
  const table = createTableClient(client, process.env.LEDGER_TABLE ?? '');
  const entries = () => table.query('by-address', email);
  return until(entries, (all) => all.filter(({ closedAt }) => closedAt !== undefined).length === count);
}

describe('a late signal', () => {
  it('does not undo the newer opt-in', async () => {
    await optIn('late@example.com', hoursAgo(2));

    await sendUnsubscribe('late@example.com', hoursAgo(3), 'late-1');

    expect(await closed('late@example.com')).toMatchObject([
      { state: 'superseded', signedReceipt: expect.any(String) },
    ]);
    expect(await stack.contact('late@example.com')).toMatchObject({ optedOut: false, optOutWrites: 0 });
    expect((await stack.asked()).map(({ method }) => method)).toEqual(['GET', 'GET']);
  });

  it('is carried out if the opt-in is older', async () => {
    await optIn('in-time@example.com', hoursAgo(4));

    await sendUnsubscribe('in-time@example.com', hoursAgo(3), 'late-2');

    expect(await closed('in-time@example.com')).toMatchObject([{ state: 'confirmed', evidence: 'response' }]);
    expect(await stack.contact('in-time@example.com')).toMatchObject({ optedOut: true, optOutWrites: 1 });
  });

  it('is carried out for an address that HubSpot does not know', async () => {
    await sendUnsubscribe('unknown@example.com', hoursAgo(30), 'late-3');

    expect(await closed('unknown@example.com')).toMatchObject([{ state: 'confirmed' }]);
  });

  it('is deferred while HubSpot cannot be checked for a newer opt-in', async () => {
    await optIn('asked@example.com', hoursAgo(2));
    await stack.sim('faults', 'POST', [{ method: 'GET', match: 'channel', times: 1, status: 503 }]);

    await sendUnsubscribe('asked@example.com', hoursAgo(3), 'late-4');

    expect(await closed('asked@example.com')).toMatchObject([{ state: 'superseded', attempts: 2 }]);
    expect(await stack.contact('asked@example.com')).toMatchObject({ optOutWrites: 0 });
  });

  it('that repeats an earlier one changes nothing after an opt-in', async () => {
    const email = 'again@example.com';
    await sendUnsubscribe(email, hoursAgo(0), 'late-5');
    await closed(email);
    await optIn(email, new Date());

    await sendUnsubscribe(email, hoursAgo(0), 'late-5');

    await until(
      async () => stack.written.join(''),
      (text) => text.includes('"outcome":"duplicate"'),
    );
    expect(await stack.contact(email)).toMatchObject({ optedOut: false, optOutWrites: 1 });
  });
});
