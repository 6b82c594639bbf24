import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { APIGatewayProxyStructuredResultV2, SQSBatchResponse } from 'aws-lambda';
import { invokeEach, MAX_ATTEMPTS } from './async-invocation.ts';
import type { LocalQueues } from './aws/queues.ts';
import { startQueues } from './aws/queues.ts';
import { startSecretsManager } from './aws/secrets-manager.ts';
import { startTables } from './aws/tables.ts';
import { openConsole } from './console/open.ts';
import type { Watch } from './console/watch.ts';
import { openWatch } from './console/watch.ts';
import { pollQueue } from './event-source.ts';
import { RESULT_BUS, startEvents } from './events.ts';
import type { GatewayRoute, LocalRoutes } from './gateway.ts';
import { startGateway } from './gateway.ts';
import type { HubSpotSimulator } from './hubspot/simulator.ts';
import { startHubSpotSimulator } from './hubspot/simulator.ts';
import { invoke, loadHandler } from './lambda.ts';
import { landingPage } from './landing.ts';
import { MAIL_FOLDER } from './mail.ts';
import type { Schedule } from './schedule.ts';
import { startSchedule } from './schedule.ts';
import type { GivenSecrets } from './secrets.ts';
import { prepareSecrets, SECRET_NAMES } from './secrets.ts';
import type { Template } from './template.ts';
import { readTemplate } from './template.ts';

export interface StackOptions {
  /** Everything durable stands in this folder. */
  readonly dir: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly hubspotPort: number;
  readonly secrets: GivenSecrets;
  /** Settings of design §8 that are not the stack's own: `HUBSPOT_API_VERSION`, `DELIVER_CONCURRENCY`, … */
  readonly settings: Readonly<Record<string, string>>;
  /** A token of the real HubSpot; without it the simulator is used. */
  readonly hubspot?: { readonly token: string; readonly baseUrl: string } | undefined;
}

/** The running relay with everything it stands on. */
export interface Stack {
  readonly url: string;
  /** The simulator's, or the real HubSpot's. */
  readonly hubspotUrl: string;
  /** One run of the sweep, as if its schedule had begun it at that time (default: now). */
  sweep(at?: Date): Promise<void>;
  /** Ends in order: no more requests, the batch at hand to its end, then the rest. */
  stop(): Promise<void>;
}

const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };
const QUEUE = 'optout-relay';
const DEAD_LETTERS = 'optout-relay-dead-letters';
const EVENTS = 'optout-relay-events';
const EVENTS_DEAD_LETTERS = 'optout-relay-events-dead-letters';
const TOPIC = 'optout-relay';
const MAIL = 'optout-relay-mail';
const MAIL_DEAD_LETTERS = 'optout-relay-mail-dead-letters';
const TABLE = 'optout-relay';

/** What stands here for the parameters and references of the template that rules are made of. */
const TEMPLATE_VALUES = {
  '{ Ref: AWS::AccountId }': "'000000000000'",
  '${param:salesforceBus}': 'aws.partner/salesforce.com/00D5e000000KQ2eEAG/0YL5e0000000001CAA',
};

/** Starts the whole relay in this process, on loopback. Sets the environment that the functions read. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const template = readTemplate(new URL('../', import.meta.url), TEMPLATE_VALUES);
  mkdirSync(options.dir, { recursive: true, mode: 0o700 });
  const routes: GatewayRoute[] = [];
  const local: Record<string, LocalRoutes[string]> = { 'GET /_local/landing': landingPage };
  const watch = openWatch();
  const gateway = await startGateway({
    port: options.port,
    routes: () => routes,
    local: () => local,
    watch: watch.request,
  }).catch((error: unknown) => {
    watch.close();
    throw error;
  });
  const url = `http://127.0.0.1:${gateway.port}`;
  const { queues, hubspotUrl, endpoints, close } = await startServices(template, options, watch);
  const env = { ...environmentOf({ url, hubspotUrl, queues }), ...options.settings, ...endpoints };
  setEnvironment(env, options.dir);
  const queueUrls = { queueUrl: queues.urlOf(QUEUE), deadLettersUrl: queues.urlOf(DEAD_LETTERS) };
  const isSimulated = options.hubspot === undefined;
  const sweeping = await startSweeping(template);
  const console = openConsole({ watch, url, hubspotUrl, isSimulated, sweep: sweeping.run, ...queueUrls });
  Object.assign(local, console.routes);
  routes.push(...(await loadRoutes(template)));
  const stopPolling = await startPolling(env, { events: queues.urlOf(EVENTS), mailbox: queues.urlOf(MAIL) });
  const stop = async () => {
    await gateway.close();
    await Promise.all([stopPolling(), sweeping.stop()]);
    console.close();
    await close();
  };
  return { url, hubspotUrl, sweep: sweeping.run, stop };
}

/** What the relay stands on. */
async function startServices(template: Template, options: StackOptions, watch: Watch) {
  const secrets = await startSecretsManager({ port: 0, dir: options.dir });
  const token = options.hubspot && { hubspot: { token: options.hubspot.token } };
  prepareSecrets(secrets, { ...options.secrets, ...token });
  const simulator = options.hubspot
    ? undefined
    : await startSimulator(options, secrets.read(SECRET_NAMES.hubspot) ?? '', watch);
  const { bucket, prefix } = MAIL_FOLDER;
  const queues = await startQueues(queuesOf(template), options.dir, {
    topics: [{ name: TOPIC, queue: EVENTS }],
    buckets: [{ name: bucket, prefix, queue: MAIL }],
  });
  const tables = await startTables([tableOf(template)], join(options.dir, 'dynamodb'));
  const events = await startEvents(template.rules, {
    url: queues.url,
    queueUrl: queues.urlOf(EVENTS),
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

/** The simulator accepts what stands in the `hubspot` secret. */
function startSimulator({ hubspotPort, dir }: StackOptions, secret: string, watch: Watch): Promise<HubSpotSimulator> {
  const credentials = secret.startsWith('{') ? JSON.parse(secret) : { token: secret };
  const tokens = typeof credentials.token === 'string' ? [credentials.token] : [];
  const oauth = credentials.oauth ? { oauth: credentials.oauth } : {};
  return startHubSpotSimulator({ port: hubspotPort, dir, tokens, ...oauth, watch: watch.call });
}

function queuesOf({ maxReceiveCount }: Template) {
  return [
    ...withDeadLetters(QUEUE, DEAD_LETTERS, maxReceiveCount),
    ...withDeadLetters(EVENTS, EVENTS_DEAD_LETTERS, MAX_ATTEMPTS),
    ...withDeadLetters(MAIL, MAIL_DEAD_LETTERS, MAX_ATTEMPTS),
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
  return { ...ledger, TableName: TABLE, BillingMode: 'PAY_PER_REQUEST' as const };
}

function environmentOf(at: { readonly url: string; readonly hubspotUrl: string; readonly queues: LocalQueues }) {
  return {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    PUBLIC_URL: at.url,
    QUEUE_URL: at.queues.urlOf(QUEUE),
    LEDGER_TABLE: TABLE,
    HUBSPOT_SECRET: SECRET_NAMES.hubspot,
    SOURCES_SECRET: SECRET_NAMES.sources,
    LINKS_SECRET: SECRET_NAMES.links,
    RECEIPTS_SECRET: SECRET_NAMES.receipts,
    SES_TOPIC_ARN: `arn:aws:sns:us-east-1:000000000000:${TOPIC}`,
    RESULT_BUS,
    HUBSPOT_BASE_URL: at.hubspotUrl,
    HUBSPOT_API_VERSION: 'v4',
    HUBSPOT_RATE_PER_10_S: '100',
    DELIVER_CONCURRENCY: '2',
  };
}

/** For the functions in this process, and in a file for whoever wants to look in from outside. */
function setEnvironment(env: Readonly<Record<string, string>>, dir: string): void {
  Object.assign(process.env, env);
  const lines = Object.entries(env).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(join(dir, 'env'), lines.join(''), { mode: 0o600 });
}

async function loadRoutes({ routes }: Template): Promise<GatewayRoute[]> {
  const served = Object.entries(routes).filter(([, keys]) => keys.length > 0);
  const loaded = served.map(async ([name, keys]) => {
    const handler = await loadHandler(name);
    return keys.map((key) => ({
      key,
      invoke: (event: unknown) => invoke(name, handler, event) as Promise<APIGatewayProxyStructuredResultV2>,
    }));
  });
  return (await Promise.all(loaded)).flat();
}

/**
 * As many execution environments of `deliver` as may run at once on AWS, and one of each function that is invoked
 * without waiting, by the URL of its queue. Resolves to what ends them after the batch at hand.
 */
async function startPolling(
  env: Readonly<Record<string, string>>,
  queueUrls: Readonly<Record<string, string>>,
): Promise<() => Promise<void>> {
  const stopping = new AbortController();
  const client = new SQSClient();
  const instances = Array.from({ length: Number(env.DELIVER_CONCURRENCY) }, async (_none, index) => {
    const handler = await loadHandler('deliver', index + 1);
    return (event: unknown) => invoke('deliver', handler, event) as Promise<SQSBatchResponse>;
  });
  const asynchronous = Object.entries(queueUrls).map(async ([name, queueUrl]) => {
    const handler = await loadHandler(name);
    const queue = { client, queueUrl };
    return { ...queue, invoke: invokeEach(queue, (event) => invoke(name, handler, event)) };
  });
  const sources = [
    ...(await Promise.all(instances)).map((run) => ({ client, queueUrl: env.QUEUE_URL ?? '', invoke: run })),
    ...(await Promise.all(asynchronous)),
  ];
  const running = sources.map((source) => pollQueue(source, stopping.signal));
  return async () => {
    stopping.abort();
    await Promise.all(running);
    client.destroy();
  };
}

/** The sweep on its schedule: what was lost while the machine was off is repaired at the start. */
async function startSweeping({ schedules: { sweep } }: Template): Promise<Schedule> {
  if (!sweep) throw new Error('serverless.yml has no schedule for the sweep');
  const handler = await loadHandler('sweep');
  let isStopping = false;
  const schedule = startSchedule({
    everySeconds: sweep.everySeconds,
    invoke(event) {
      const endsAt = Date.now() + sweep.timeoutSeconds * 1000;
      return invoke('sweep', handler, event, () => (isStopping ? 0 : endsAt - Date.now()));
    },
  });
  const stop = () => {
    isStopping = true;
    return schedule.stop();
  };
  return { ...schedule, stop };
}
