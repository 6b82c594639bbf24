import { join } from 'node:path';
import { startQueues } from './aws/queues.ts';
import { startSecretsManager } from './aws/secrets-manager.ts';
import { startTables } from './aws/tables.ts';
import { startEvents } from './events.ts';
import { MAIL_FOLDER } from './mail.ts';
import type { Aws } from './resources.ts';
import { ACCOUNT, CREDENTIALS, NAMES, queuesOf, REGION, tableOf } from './resources.ts';
import type { Template } from './template.ts';

/** Starts AWS services on loopback, with the resources of the template. They store everything in `dir`. */
export async function startEmbedded(template: Template, dir: string): Promise<Aws> {
  const secrets = await startSecretsManager({ port: 0, dir });
  const { bucket, prefix } = MAIL_FOLDER;
  const queues = await startQueues(queuesOf(template), dir, {
    topics: [{ name: NAMES.topic, queue: NAMES.events }],
    buckets: [{ name: bucket, prefix, queue: NAMES.mail }],
  });
  const tables = await startTables([tableOf(template)], join(dir, 'dynamodb'));
  const events = await startEvents(template.rules, {
    url: queues.url,
    queueUrl: queues.urlOf(NAMES.events),
    credentials: CREDENTIALS,
  });
  return {
    endpoints: {
      AWS_ENDPOINT_URL_SQS: queues.url,
      AWS_ENDPOINT_URL_SNS: queues.url,
      AWS_ENDPOINT_URL_S3: queues.url,
      AWS_ENDPOINT_URL_DYNAMODB: tables.url,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
      AWS_ENDPOINT_URL_EVENTBRIDGE: events.url,
    },
    topicArn: `arn:aws:sns:${REGION}:${ACCOUNT}:${NAMES.topic}`,
    secrets: {
      read: async (name) => secrets.read(name),
      write: async (name, text) => secrets.write(name, text),
    },
    urlOf: queues.urlOf,
    async close() {
      await Promise.all([queues, tables, events, secrets].map((service) => service.close()));
    },
  };
}
