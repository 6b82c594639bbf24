import { join } from 'node:path';
import { MAX_ATTEMPTS } from './async-invocation.ts';
import { startQueues } from './aws/queues.ts';
import { startSecretsManager } from './aws/secrets-manager.ts';
import { startTables } from './aws/tables.ts';
import type { Watch } from './console/watch.ts';
import { startEvents } from './events.ts';
import type { HubSpotSimulator } from './hubspot/simulator.ts';
import { startHubSpotSimulator } from './hubspot/simulator.ts';
import { MAIL_FOLDER } from './mail.ts';
import type { GivenSecrets } from './secrets.ts';
import { prepareSecrets, SECRET_NAMES } from './secrets.ts';
import type { Template } from './template.ts';

/** Names of the local resources. */
export const NAMES = {
  queue: 'optout-relay',
  bulk: 'optout-relay-bulk',
  deadLetters: 'optout-relay-dead-letters',
  events: 'optout-relay-events',
  eventsDeadLetters: 'optout-relay-events-dead-letters',
  mail: 'optout-relay-mail',
  mailDeadLetters: 'optout-relay-mail-dead-letters',
  topic: 'optout-relay',
  table: 'optout-relay',
} as const;

export const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

/** Options of the services. */
export interface ServicesOptions {
  /** Folder for everything durable. */
  readonly dir: string;
  readonly hubspotPort: number;
  readonly secrets: GivenSecrets;
  /** A token of the real HubSpot. If omitted, the simulator is started. */
  readonly hubspot?: { readonly token: string; readonly baseUrl: string } | undefined;
}

/** Starts the AWS services and, without a HubSpot token, the HubSpot simulator. */
export async function startServices(template: Template, options: ServicesOptions, watch: Watch) {
  const secrets = await startSecretsManager({ port: 0, dir: options.dir });
  const token = options.hubspot && { hubspot: { token: options.hubspot.token } };
  prepareSecrets(secrets, { ...options.secrets, ...token }, options.dir);
  const simulator = options.hubspot
    ? undefined
    : await startSimulator(options, secrets.read(SECRET_NAMES.hubspot) ?? '', watch);
  const { bucket, prefix } = MAIL_FOLDER;
  const queues = await startQueues(queuesOf(template), options.dir, {
    topics: [{ name: NAMES.topic, queue: NAMES.events }],
    buckets: [{ name: bucket, prefix, queue: NAMES.mail }],
  });
  const tables = await startTables([tableOf(template)], join(options.dir, 'dynamodb'));
  const events = await startEvents(template.rules, {
    url: queues.url,
    queueUrl: queues.urlOf(NAMES.events),
    credentials: CREDENTIALS,
  });
  const endpoints = {
    AWS_ENDPOINT_URL_SQS: queues.url,
    AWS_ENDPOINT_URL_SNS: queues.url,
    AWS_ENDPOINT_URL_S3: queues.url,
    AWS_ENDPOINT_URL_DYNAMODB: tables.url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
    AWS_ENDPOINT_URL_EVENTBRIDGE: events.url,
  };
  const services = [queues, tables, events, secrets, ...(simulator ? [simulator] : [])];
  const close = async () => {
    await Promise.all(services.map((service) => service.close()));
  };
  return { queues, endpoints, close, hubspotUrl: simulator?.url ?? options.hubspot?.baseUrl ?? '' };
}

/** The simulator accepts the credentials in the `hubspot` secret. */
async function startSimulator(
  { hubspotPort, dir }: ServicesOptions,
  secret: string,
  watch: Watch,
): Promise<HubSpotSimulator> {
  const credentials = secret.startsWith('{') ? JSON.parse(secret) : { token: secret };
  const tokens = typeof credentials.token === 'string' ? [credentials.token] : [];
  const oauth = credentials.oauth ? { oauth: credentials.oauth } : {};
  const { relayConfig } = await import('../relay.config.ts');
  const brands = Object.values(relayConfig.businessUnitIds).map(Number);
  return startHubSpotSimulator({ port: hubspotPort, dir, tokens, brands, ...oauth, watch: watch.call });
}

function queuesOf({ maxReceiveCount, queueAttributes }: Template) {
  const commands = [NAMES.queue, NAMES.bulk].flatMap((name) =>
    withDeadLetters(name, NAMES.deadLetters, maxReceiveCount),
  );
  const queues = [...new Map(commands.map((queue) => [queue.name, queue])).values()];
  return [
    ...queues.map(({ name, attributes }) => ({ name, attributes: { ...queueAttributes, ...attributes } })),
    ...withDeadLetters(NAMES.events, NAMES.eventsDeadLetters, MAX_ATTEMPTS),
    ...withDeadLetters(NAMES.mail, NAMES.mailDeadLetters, MAX_ATTEMPTS),
  ];
}

function withDeadLetters(name: string, deadLetters: string, maxReceiveCount: number) {
  const deadLetterTargetArn = `arn:aws:sqs:us-east-1:000000000000:${deadLetters}`;
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount });
  return [
    { name: deadLetters, attributes: {} },
    { name, attributes: { RedrivePolicy } },
  ];
}

function tableOf({ ledger }: Template) {
  return { ...ledger, TableName: NAMES.table, BillingMode: 'PAY_PER_REQUEST' as const };
}
