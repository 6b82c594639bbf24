import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { curlOf, sampleLink } from '../../local/samples.ts';
import { sendgridSample, standardWebhooksSample } from '../signed-samples.ts';
import type { StackUnderTest } from './stack-under-test.ts';
import { stackUnderTest, until } from './stack-under-test.ts';

let stack: StackUnderTest;

beforeAll(async () => {
  stack = await stackUnderTest();
});
afterAll(() => stack.stop());
beforeEach(async () => {
  stack.written.length = 0;
  await stack.sim('reset', 'POST');
});

const json = { accept: 'application/json' };
const isOut = (contact: { readonly optedOut: boolean }) => contact.optedOut;

/** Waits for the last log line, so that it does not appear in the next test. */
async function delivered(count: number): Promise<void> {
  await until(
    async () => stack.lines('optout.attempted'),
    (each) => each.length === count,
  );
}

async function receiptSays(url: string, state: string): Promise<Record<string, unknown>> {
  const read = async () => (await fetch(new URL(url, stack.url), { headers: json })).json();
  return (await until(read, (receipt) => (receipt as { state: string }).state === state)) as Record<string, unknown>;
}

describe('an opt-out ends confirmed in HubSpot', () => {
  it('from a browser form, which is redirected to a receipt', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };

    const answer = await stack.post({ path: '/unsubscribe', headers, body: 'email=Ada%40Example.com&website=' });

    expect(answer.status).toBe(303);
    const receipt = await receiptSays(answer.headers.get('location') ?? '', 'confirmed');
    expect(receipt).toMatchObject({ receivedAt: expect.any(String), closedAt: expect.any(String) });
    expect(await stack.contact('ada@example.com')).toMatchObject({ optedOut: true, optOutWrites: 1 });
  });

  it('from JSON, with the receipt in the response', async () => {
    const headers = { 'content-type': 'application/json' };

    const answer = await stack.post({ path: '/unsubscribe', headers, body: '{"email":"json@example.com"}' });

    expect(answer.status).toBe(202);
    const { receipt } = (await answer.json()) as { receipt: string };
    expect(new URL(receipt).origin).toBe(stack.url);
    await receiptSays(receipt, 'confirmed');
  });

  it('from the exact bytes of a one-click request, while a GET changes nothing', async () => {
    const path = await sampleLink('grace@example.com');

    for (const method of ['GET', 'HEAD', 'OPTIONS']) await fetch(stack.url + path, { method });
    expect(await stack.asked()).toEqual([]);
    const headers = { 'content-type': 'application/x-www-form-urlencoded', ...json };
    const answer = await stack.post({ path, headers, body: 'List-Unsubscribe=One-Click' });

    expect(answer.status).toBe(200);
    await receiptSays(answer.headers.get('content-location') ?? '', 'confirmed');
    expect(await stack.contact('grace@example.com')).toMatchObject({ optedOut: true, optOutWrites: 1 });
  });

  it('from a link of POST /links', async () => {
    const headers = { authorization: 'Bearer sample-secret-links' };
    const body = '{"addresses":["hedy@example.com","nobody"],"lang":"de"}';

    const answer = await stack.post({ path: '/links', headers, body });

    expect(answer.status).toBe(200);
    const { links, errors } = (await answer.json()) as { links: { url: string }[]; errors: object[] };
    expect(errors).toEqual([{ index: 1, error: 'the email address is not valid' }]);
    const [{ url } = { url: '' }] = links;
    await stack.post({ path: url.replace(stack.url, ''), headers: {}, body: 'List-Unsubscribe=One-Click' });
    await until(() => stack.contact('hedy@example.com'), isOut);
    await delivered(1);
  });

  it('from a signed SendGrid batch sent twice, with one call', async () => {
    const sample = sendgridSample('alan@example.com', new Date());

    expect((await stack.post(sample)).status).toBe(200);
    expect((await stack.post(sample)).status).toBe(200);

    await until(() => stack.contact('alan@example.com'), isOut);
    await until(
      async () => stack.lines('optout.attempted'),
      (each) => each.length === 2,
    );
    expect((await stack.contact('alan@example.com')).optOutWrites).toBe(1);
    expect(stack.lines('optout.attempted').map(({ outcome }) => outcome)).toContain('confirmed');
  });

  it('from a signed Standard Webhooks request', async () => {
    const sample = standardWebhooksSample('edsger@example.com', new Date());

    expect((await stack.post(sample)).status).toBe(200);

    await until(() => stack.contact('edsger@example.com'), isOut);
    await delivered(1);
  });
});

describe('output', () => {
  it('is one line per attempt and EMF metrics, without an address', async () => {
    const sample = sendgridSample('barbara@example.com', new Date());

    await stack.post(sample);
    const [line] = await until(
      async () => stack.lines('optout.attempted'),
      (each) => each.length === 1,
    );

    expect(line).toMatchObject({
      level: 'INFO',
      service: 'deliver',
      optOutId: expect.stringMatching(/^[\w-]{43}$/),
      source: 'sendgrid',
      kind: 'opt_out',
      outcome: 'confirmed',
      evidence: 'response',
      attempt: 1,
      correlationId: expect.any(String),
      tookMs: expect.any(Number),
      ageSeconds: expect.any(Number),
      requestId: expect.any(String),
    });
    const all = stack.written.join('');
    expect(all).toContain('"Name":"Confirmed"');
    expect(all).toContain('"Name":"Accepted"');
    expect(all).not.toMatch(/barbara|%40example/);
  });

  it('has the sample requests as curl commands', () => {
    const curl = curlOf(stack.url, sendgridSample('ada@example.com', new Date()));

    expect(curl).toMatch(/^curl http:\/\/127\.0\.0\.1:\d+\/webhooks\/sendgrid/);
    expect(curl).toContain(`--data-binary $'[{"email"`);
  });
});

describe('bad input changes nothing', () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const sendgrid = { 'x-twilio-email-event-webhook-signature': 'AAAA', 'x-twilio-email-event-webhook-timestamp': '1' };
  const long = 'x'.repeat(20_000);

  it.each([
    ['malformed JSON', '/unsubscribe', { 'content-type': 'application/json' }, '{"email":', 400],
    ['a content type it does not read', '/unsubscribe', { 'content-type': 'text/csv' }, 'a@example.com', 415],
    ['an invalid address', '/unsubscribe', form, 'email=nobody', 400],
    ['a filled honeypot', '/unsubscribe', form, 'email=bot%40example.com&website=x', 400],
    ['an unknown brand', '/unsubscribe', form, 'email=ada%40example.com&brand=x', 400],
    ['an oversize form', '/unsubscribe', form, `email=ada%40example.com&x=${long}`, 413],
    ['an oversize one-click', '/u/x', form, long, 413],
    ['a tampered link', '/u/eyJhbGciOiJkaXIifQ..AAAA.AAAA.AAAA', form, 'List-Unsubscribe=One-Click', 400],
    ['broken base64 in a link', '/u/%25%25%25', form, 'List-Unsubscribe=One-Click', 400],
    ['links without an API key', '/links', {}, '{"addresses":["ada@example.com"]}', 401],
    ['links without addresses', '/links', { authorization: 'Bearer sample-secret-links' }, '{"addresses":[]}', 400],
    ['an unknown source', '/webhooks/nobody', {}, '[]', 404],
    ['no proof', '/webhooks/sendgrid', {}, '[]', 401],
    ['a forged signature', '/webhooks/sendgrid', sendgrid, '[{"email":"ada@example.com","event":"unsubscribe"}]', 401],
  ])('%s', async (_what, path, headers, body, status) => {
    const answer = await stack.post({ path, headers: headers as Record<string, string>, body });

    expect(answer.status).toBe(status);
    expect(await answer.text()).not.toContain('example.com');
    expect(await stack.asked()).toEqual([]);
    expect(stack.lines('optout.accepted')).toEqual([]);
    expect(stack.written.join('')).not.toMatch(/example\.com|%40example/);
  });

  it('a stale and a future signature', async () => {
    for (const offMs of [-301_000, 301_000]) {
      const sample = standardWebhooksSample('ada@example.com', new Date(Date.now() + offMs));
      expect((await stack.post(sample)).status).toBe(401);
    }
    expect(await stack.asked()).toEqual([]);
  });

  it('a truncated link', async () => {
    const path = await sampleLink('ada@example.com');

    const answer = await stack.post({ path: path.slice(0, -8), headers: {}, body: 'List-Unsubscribe=One-Click' });

    expect(answer.status).toBe(400);
    expect(await stack.asked()).toEqual([]);
  });
});

describe('a form over its rate limit', () => {
  const hour = () => new Date().toISOString().slice(0, 13);

  /** Stays within one clock hour: repeats with another address if the hour changed meanwhile. */
  async function sendSix(email: string): Promise<{ readonly email: string; readonly answers: readonly Response[] }> {
    const startedIn = hour();
    const headers = { 'content-type': 'application/json' };
    const answers: Response[] = [];
    for (let sent = 0; sent < 6; sent += 1) {
      answers.push(await stack.post({ path: '/unsubscribe', headers, body: JSON.stringify({ email }) }));
    }
    return hour() === startedIn ? { email, answers } : sendSix(`again-${email}`);
  }

  it('is rejected with Retry-After, and earlier submissions are carried out', async () => {
    const { email, answers } = await sendSix('often@example.com');

    const last = answers.at(-1);
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202, 429]);
    expect(Number(last?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(Number(last?.headers.get('retry-after'))).toBeLessThanOrEqual(3600);
    expect(await last?.json()).toEqual({ error: 'this request is already recorded', code: 'alreadyRecorded' });
    for (const answer of answers.slice(0, 5)) {
      await receiptSays(((await answer.json()) as { receipt: string }).receipt, 'confirmed');
    }
    expect(await stack.contact(email)).toMatchObject({ optedOut: true });
    expect(stack.lines('request.failed')).toEqual([]);
    expect(stack.written.join('')).not.toMatch(/often|127\.0\.0\.1/);
  });
});
