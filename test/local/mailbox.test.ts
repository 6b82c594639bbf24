import { readFileSync } from 'node:fs';
import process from 'node:process';
import { GetQueueAttributesCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bounceSample, MAIL_FOLDER } from '../../local/mail.ts';
import { sampleToken } from '../../local/samples.ts';
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

const s3 = () => process.env.AWS_ENDPOINT_URL_S3 ?? '';
const isOut = (contact: { readonly optedOut: boolean }) => contact.optedOut;

/** Stores a message as SES does. */
async function store(body: string, path = `/${MAIL_FOLDER.bucket}/${MAIL_FOLDER.prefix}${crypto.randomUUID()}`) {
  const response = await fetch(s3() + path, { method: 'PUT', body });
  expect(response.status).toBe(200);
}

const reported = (event: string, count = 1) =>
  until(
    async () => stack.lines(event),
    (lines) => lines.length === count,
  );

describe('a stored message', () => {
  it('that is a bounce opts out its recipient, once even if copied', async () => {
    const { path, body } = await bounceSample('ada@example.com', new Date());

    await store(body, path);
    await store(body, `${path} (copy)`.replaceAll(' ', '%20'));

    await until(() => stack.contact('ada@example.com'), isOut);
    const [first, copy] = await reported('optout.accepted', 2);
    expect(first).toMatchObject({ service: 'mailbox', source: 'mailbox', kind: 'hard_bounce' });
    expect(copy?.optOutId).toBe(first?.optOutId);
    await reported('optout.attempted', 2);
    expect((await stack.contact('ada@example.com')).optOutWrites).toBe(1);
  });

  it('with a mailto: unsubscribe opts out its recipient', async () => {
    const token = await sampleToken('grace@example.com');

    await store(`From: somebody.else@example.org\r\nSubject: ${token}\r\n\r\n`);

    await until(() => stack.contact('grace@example.com'), isOut);
    expect(await reported('optout.accepted')).toMatchObject([{ source: 'mailbox', kind: 'opt_out' }]);
    await reported('optout.attempted');
  });

  it('that is forged, unreadable or without a token is counted, and not sent to HubSpot', async () => {
    const forged = readFileSync(new URL('../mail/fixtures/mail/postfix-user-unknown.eml', import.meta.url), 'utf8');

    await store('Subject: secret subject\r\n\r\nUnsubscribe ada@example.com!');
    await store(forged);
    await store(`Subject: ${'secret subject '.repeat(20_000)}\r\n\r\n`);
    await store('');

    expect(await reported('signals.ignored', 3)).toMatchObject(Array(3).fill({ source: 'mailbox', count: 1 }));
    expect(await reported('request.unauthenticated')).toMatchObject([
      { source: 'mailbox', reason: 'token not issued by this relay' },
    ]);
    expect(await stack.asked()).toEqual([]);
    expect(stack.written.join('')).not.toMatch(/example\.(com|org)|eyJ|secret/);
  });

  it('in another folder is ignored', async () => {
    const { body } = await bounceSample('ada@example.com', new Date());

    await store(body, `/${MAIL_FOLDER.bucket}/other/1`);
    await store('Subject: hello\r\n\r\n');

    await reported('signals.ignored');
    expect(stack.lines('optout.accepted')).toEqual([]);
  });
});

describe('an event that cannot be ingested', () => {
  const queueUrl = (name: string) => `${process.env.AWS_ENDPOINT_URL_SQS}/000000000000/${name}`;

  it('is tried three times and then moved unchanged to the dead-letter queue', async () => {
    const client = new SQSClient();
    const { path } = await bounceSample('ada@example.com', new Date());
    const key = path.slice(MAIL_FOLDER.bucket.length + 2);
    const event = {
      Records: [{ eventTime: new Date().toISOString(), s3: { bucket: { name: MAIL_FOLDER.bucket }, object: { key } } }],
    };
    await client.send(
      new SendMessageCommand({ QueueUrl: queueUrl('optout-relay-mail'), MessageBody: JSON.stringify(event) }),
    );

    const failures = await reported('request.failed', 3);

    expect(failures[0]).toMatchObject({ reason: 'could not read the mail from S3: NoSuchKey', status: 503 });
    const dead = { QueueUrl: queueUrl('optout-relay-mail-dead-letters') };
    await until(
      () => client.send(new GetQueueAttributesCommand({ ...dead, AttributeNames: ['ApproximateNumberOfMessages'] })),
      ({ Attributes }) => Attributes?.ApproximateNumberOfMessages === '1',
    );
    const { Messages = [] } = await client.send(new ReceiveMessageCommand(dead));
    expect(JSON.parse(Messages[0]?.Body ?? '')).toEqual(event);
    client.destroy();
  });
});
