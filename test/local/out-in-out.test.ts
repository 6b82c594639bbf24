import { afterAll, beforeAll, expect, it } from 'vitest';
import type { StackUnderTest } from './stack-under-test.ts';
import { stackUnderTest, until } from './stack-under-test.ts';

let stack: StackUnderTest;

beforeAll(async () => {
  stack = await stackUnderTest();
});
afterAll(() => stack.stop());

interface Status {
  readonly state: string;
  readonly receivedAt: string;
  readonly closedAt?: string;
}

/** Submits the form as a script does, and returns the receipt once it is no longer `received`. */
async function submit(email: string): Promise<Status> {
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  const answer = await fetch(`${stack.url}/unsubscribe`, { method: 'POST', headers, body: JSON.stringify({ email }) });
  expect(answer.status).toBe(202);
  const { receipt } = (await answer.json()) as { receipt: string };
  const status = async () => (await (await fetch(receipt, { headers })).json()) as Status;
  return until(status, ({ state }) => state !== 'received');
}

/** Posts the same body without an id and a time to the generic webhook. */
async function post(email: string): Promise<void> {
  const headers = { authorization: 'Bearer sample-secret-generic', 'content-type': 'application/json' };
  const response = await fetch(`${stack.url}/webhooks/generic`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ email }),
  });
  expect(response.status).toBe(200);
  await until(
    () => stack.contact(email),
    ({ optedOut }) => optedOut,
  );
}

const optIn = (email: string) =>
  stack.sim(`contacts/${email}`, 'PUT', {
    optedOut: false,
    statuses: [{ status: 'SUBSCRIBED', timestamp: new Date().toISOString() }],
  });

it('out, in and out by the form within a minute ends in an opt-out, each with a receipt of its own', async () => {
  const first = await submit('out@example.com');
  await optIn('out@example.com');
  expect(await stack.contact('out@example.com')).toMatchObject({ optedOut: false });

  const second = await submit('out@example.com');

  expect(await stack.contact('out@example.com')).toMatchObject({ optedOut: true });
  for (const { state, receivedAt, closedAt = '' } of [first, second]) {
    expect(state).toBe('confirmed');
    expect(closedAt >= receivedAt).toBe(true);
  }
  expect(second.receivedAt >= (first.closedAt ?? '')).toBe(true);
});

it('out, in and out by posts without an id and a time within a minute ends in an opt-out', async () => {
  await post('posted@example.com');
  await optIn('posted@example.com');

  await post('posted@example.com');

  expect(await stack.contact('posted@example.com')).toMatchObject({ optedOut: true });
});

it('a second click changes nothing at HubSpot', async () => {
  const before = (await stack.asked()).length;
  await submit('twice@example.com');
  await submit('twice@example.com');

  expect((await stack.asked()).length - before).toBe(2);
  expect(await stack.contact('twice@example.com')).toMatchObject({ optedOut: true });
});
