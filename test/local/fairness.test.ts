import { hash } from 'node:crypto';
import process from 'node:process';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createQueue } from '../../functions/aws/sqs.ts';
import { parseEmailAddress } from '../../functions/core/model/email-address.ts';
import type { OptOut } from '../../functions/core/model/opt-out.ts';
import { sampleOptOut } from '../aws/sample-opt-out.ts';
import type { StackUnderTest } from './stack-under-test.ts';
import { stackUnderTest, until } from './stack-under-test.ts';

let stack: StackUnderTest;
const RATE = { HUBSPOT_RATE_PER_10_S: '100' };

beforeAll(async () => {
  stack = await stackUnderTest(RATE, { surgeLimit: { perSourceAndHour: false } });
  await stack.sim('limits', 'POST', { per10Seconds: 100 });
});
afterAll(() => stack.stop());

const fresh = (index: number): OptOut => {
  const now = new Date().toISOString();
  const id = hash('sha256', `backfill ${index}`, 'base64url');
  const email = parseEmailAddress(`row-${index}@example.com`);
  return sampleOptOut(`${index}`, { id, email, source: 'backfill', occurredAt: now, receivedAt: now });
};

const confirmed = (isCounted: (source: string) => boolean) =>
  stack.lines('optout.attempted').filter(({ outcome, source }) => outcome === 'confirmed' && isCounted(String(source)));

async function isOut(email: string): Promise<boolean> {
  return (await stack.contact(email)).optedOut;
}

describe('while the bulk queue is full', () => {
  it("a person's opt-out is confirmed within seconds, and the queue goes on draining", async () => {
    const sqs = new SQSClient();
    await createQueue(sqs, process.env.BULK_QUEUE_URL ?? '').send(Array.from({ length: 400 }, (_none, n) => fresh(n)));
    await until(
      async () => confirmed((source) => source === 'backfill').length,
      (count) => count >= 20,
    );

    const people = Array.from({ length: 10 }, (_none, index) => `person-${index}@example.com`);
    const postedAt = Date.now();
    for (const email of people) {
      const body = JSON.stringify({ email });
      const response = await stack.post({
        path: '/unsubscribe',
        headers: { 'content-type': 'application/json' },
        body,
      });
      expect(response.status).toBe(202);
    }
    for (const email of people) await until(() => isOut(email), Boolean, 10_000);

    expect(Date.now() - postedAt).toBeLessThan(10_000);
    const before = confirmed((source) => source === 'backfill').length;
    expect(before).toBeLessThan(400);
    await until(
      async () => confirmed((source) => source === 'backfill').length,
      (count) => count > before,
    );
    sqs.destroy();
  }, 60_000);
});
