import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundle } from '../../infra/bundle.ts';
import { putEvent } from '../../local/aws/objects.ts';
import type { LocalQueues } from '../../local/aws/queues.ts';
import { startQueues } from '../../local/aws/queues.ts';
import type { LocalSecretsManager } from '../../local/aws/secrets-manager.ts';
import { startSecretsManager } from '../../local/aws/secrets-manager.ts';
import { aws } from '../aws/listening.ts';

const put = { bucket: 'mail-bucket', key: 'mail/1' };
const key = Buffer.alloc(32, 7).toString('base64url');

let folder: string;
let queues: LocalQueues;
let secrets: LocalSecretsManager;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'optout-relay-mailbox-'));
  await bundle({ to: folder });
  const named = ['commands', 'puts'].map((name) => ({ name, attributes: {} }));
  queues = await startQueues(named, folder, { buckets: [{ name: put.bucket, prefix: 'mail/', queue: 'puts' }] });
  secrets = await startSecretsManager({ port: 0, dir: folder });
  secrets.write('links', JSON.stringify({ keys: [{ kid: '2026-11', key }] }));
});
afterAll(async () => {
  await queues.close();
  await secrets.close();
  rmSync(folder, { recursive: true, force: true });
});

it('reads a mail from its bucket and queues the opt-out, without the omitted parts', async () => {
  const mail = readFileSync(new URL('../mail/fixtures/mail/gmail-no-such-account.eml', import.meta.url));
  await fetch(`${queues.url}/${put.bucket}/${put.key}`, { method: 'PUT', body: mail });
  const code = `const { handler } = await import('./index.mjs');
    await handler(${JSON.stringify(putEvent(put, new Date()))}, { awsRequestId: 'r', getRemainingTimeInMillis: () => 9000 });`;
  const env = {
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL: queues.url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
    QUEUE_URL: queues.urlOf('commands'),
    LINKS_SECRET: 'links',
  };

  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: join(folder, 'mailbox'),
    env,
  });

  const client = new SQSClient(aws(queues.url));
  const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl: env.QUEUE_URL }));
  client.destroy();
  expect(stdout).not.toContain('example.com');
  expect(Messages.map(({ Body = '' }) => JSON.parse(Body))).toMatchObject([
    { source: 'mailbox', kind: 'hard_bounce', email: 'ada@example.com' },
  ]);
});
