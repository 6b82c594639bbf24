import { S3Client } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { createObjectStore } from '../../functions/aws/s3.ts';
import { Unavailable } from '../../functions/core/model/errors.ts';
import { allOf, aws, listening, thrownBy } from './listening.ts';

/** Creates the store with a test server behind it. */
async function objects(answer: Parameters<typeof listening>[0]) {
  const { url, requests } = await listening(answer);
  return { ...createObjectStore(new S3Client({ ...aws(url), maxAttempts: 1 })), requests };
}

const errorOf = (code: string) => `<Error><Code>${code}</Code><Message>of shibboleth</Message></Error>`;

it('requests the first bytes of an object', async () => {
  const { read, requests } = await objects((response) => response.writeHead(206).end('Subject: a'));

  expect(Buffer.from(await read('mail-bucket', 'mail/a b+c', 1_000)).toString()).toBe('Subject: a');

  expect(requests).toMatchObject([{ method: 'GET', path: '/mail-bucket/mail/a%20b%2Bc?x-id=GetObject' }]);
  expect(requests[0]?.headers.range).toBe('bytes=0-999');
});

it('returns no bytes for an empty object', async () => {
  const { read } = await objects((response) => response.writeHead(416).end(errorOf('InvalidRange')));

  expect(await read('mail-bucket', 'mail/1', 1_000)).toEqual(new Uint8Array());
});

it.each([
  [403, 'AccessDenied'],
  [404, 'NoSuchKey'],
  [503, 'SlowDown'],
])('reports only the error name of a %s', async (status, code) => {
  const { read } = await objects((response) => response.writeHead(status).end(errorOf(code)));

  const error = await thrownBy(() => read('mail-bucket', 'mail/shibboleth', 1_000));

  expect(error).toBeInstanceOf(Unavailable);
  expect(error.message).toBe(`could not read the mail from S3: ${code}`);
  expect(allOf(error)).not.toContain('shibboleth');
});

it('fails if the connection is cut while reading', async () => {
  const { read } = await objects((response) => {
    response.writeHead(206, { 'content-length': '100' }).write('Subject:');
    setTimeout(() => response.destroy(), 20);
  });

  await expect(read('mail-bucket', 'mail/1', 1_000)).rejects.toBeInstanceOf(Unavailable);
});
