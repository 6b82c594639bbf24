import { S3Client } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { createObjectStore } from '../../functions/aws/s3.ts';
import { Unavailable } from '../../functions/core/model/errors.ts';
import { allOf, aws, listening, thrownBy } from './listening.ts';

/** S3 behind a server of the test's own. */
async function objects(answer: Parameters<typeof listening>[0]) {
  const { url, requests } = await listening(answer);
  return { ...createObjectStore(new S3Client({ ...aws(url), maxAttempts: 1 })), requests };
}

const errorOf = (code: string) => `<Error><Code>${code}</Code><Message>of shibboleth</Message></Error>`;

it('asks for the beginning of an object, under its own key', async () => {
  const { read, requests } = await objects((response) => response.writeHead(206).end('Subject: a'));

  expect(Buffer.from(await read('mail-bucket', 'mail/a b+c', 1_000)).toString()).toBe('Subject: a');

  expect(requests).toMatchObject([{ method: 'GET', path: '/mail-bucket/mail/a%20b%2Bc?x-id=GetObject' }]);
  expect(requests[0]?.headers.range).toBe('bytes=0-999');
});

it('reads nothing of an object that is empty', async () => {
  const { read } = await objects((response) => response.writeHead(416).end(errorOf('InvalidRange')));

  expect(await read('mail-bucket', 'mail/1', 1_000)).toEqual(new Uint8Array());
});

it.each([
  [403, 'AccessDenied'],
  [404, 'NoSuchKey'],
  [503, 'SlowDown'],
])('says of a %s only what it is called', async (status, code) => {
  const { read } = await objects((response) => response.writeHead(status).end(errorOf(code)));

  const error = await thrownBy(() => read('mail-bucket', 'mail/shibboleth', 1_000));

  expect(error).toBeInstanceOf(Unavailable);
  expect(error.message).toBe(`the mail cannot be read from its bucket: ${code}`);
  expect(allOf(error)).not.toContain('shibboleth');
});

it('fails when the connection is cut in the middle', async () => {
  const { read } = await objects((response) => {
    response.writeHead(206, { 'content-length': '100' }).write('Subject:');
    setTimeout(() => response.destroy(), 20);
  });

  await expect(read('mail-bucket', 'mail/1', 1_000)).rejects.toBeInstanceOf(Unavailable);
});
