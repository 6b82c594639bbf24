import process from 'node:process';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTableClient } from '../../functions/aws/dynamodb/table.ts';
import type { Entry } from '../../functions/core/ledger/ledger.ts';
import { signedBySendgrid } from '../../local/samples.ts';
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
const optsIn = (email: string, at: Date) =>
  stack.sim(`contacts/${email}`, 'PUT', { statuses: [{ status: 'SUBSCRIBED', timestamp: at.toISOString() }] });

/** SendGrid tells, now, of something that happened then. */
async function sendgridTells(email: string, at: Date, eventId: string): Promise<void> {
  const timestamp = Math.floor(at.getTime() / 1000);
  const event = { email, event: 'unsubscribe', timestamp, sg_event_id: eventId };
  expect((await stack.post(signedBySendgrid([event], new Date()))).status).toBe(200);
}

async function ended(email: string, count = 1): Promise<readonly Entry[]> {
  const table = createTableClient(client, process.env.LEDGER_TABLE ?? '');
  const entries = () => table.query('by-address', email);
  return until(entries, (all) => all.filter(({ closedAt }) => closedAt !== undefined).length === count);
}

describe('a signal that comes late', () => {
  it('does not undo the newer opt-in', async () => {
    await optsIn('late@example.com', hoursAgo(2));

    await sendgridTells('late@example.com', hoursAgo(3), 'late-1');

    expect(await ended('late@example.com')).toMatchObject([{ state: 'superseded', signedReceipt: expect.any(String) }]);
    expect(await stack.contact('late@example.com')).toMatchObject({ optedOut: false, optOutWrites: 0 });
    expect((await stack.asked()).map(({ method }) => method)).toEqual(['GET', 'GET']);
  });

  it('is carried out where the opt-in is the older one', async () => {
    await optsIn('in-time@example.com', hoursAgo(4));

    await sendgridTells('in-time@example.com', hoursAgo(3), 'late-2');

    expect(await ended('in-time@example.com')).toMatchObject([{ state: 'confirmed', evidence: 'response' }]);
    expect(await stack.contact('in-time@example.com')).toMatchObject({ optedOut: true, optOutWrites: 1 });
  });

  it('is carried out for somebody of whom HubSpot has never heard', async () => {
    await sendgridTells('unknown@example.com', hoursAgo(30), 'late-3');

    expect(await ended('unknown@example.com')).toMatchObject([{ state: 'confirmed' }]);
  });

  it('waits while HubSpot does not say whether there is a newer opt-in', async () => {
    await optsIn('asked@example.com', hoursAgo(2));
    await stack.sim('faults', 'POST', [{ method: 'GET', match: 'channel', times: 1, status: 503 }]);

    await sendgridTells('asked@example.com', hoursAgo(3), 'late-4');

    expect(await ended('asked@example.com')).toMatchObject([{ state: 'superseded', attempts: 2 }]);
    expect(await stack.contact('asked@example.com')).toMatchObject({ optOutWrites: 0 });
  });

  it('and is only repeated changes nothing after an opt-in', async () => {
    const email = 'again@example.com';
    await sendgridTells(email, hoursAgo(0), 'late-5');
    await ended(email);
    await optsIn(email, new Date());

    await sendgridTells(email, hoursAgo(0), 'late-5');

    await until(
      async () => stack.written.join(''),
      (text) => text.includes('"outcome":"duplicate"'),
    );
    expect(await stack.contact(email)).toMatchObject({ optedOut: false, optOutWrites: 1 });
  });
});
