import { lookup } from 'node:dns/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
  ResourceAlreadyExistsException,
} from '@aws-sdk/client-eventbridge';
import { CreateBucketCommand, PutBucketNotificationConfigurationCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { createTable } from './aws/tables.ts';
import { RESULT_BUS } from './events.ts';
import { MAIL_FOLDER } from './mail.ts';
import type { Aws, SecretStore } from './resources.ts';
import { CREDENTIALS, NAMES, queueArn, queuesOf, REGION, tableOf } from './resources.ts';
import type { EventRule, Template } from './template.ts';

/**
 * Creates the resources of the template at another implementation of AWS, unless they exist, and returns them. Signs with
 * test credentials, which AWS itself rejects.
 *
 * @throws Error that says what is wrong with the endpoint.
 */
export async function connect(endpoint: string, template: Template): Promise<Aws> {
  const url = await reachable(endpoint);
  const to = { endpoint: url, region: REGION, credentials: CREDENTIALS };
  const clients = {
    sqs: new SQSClient(to),
    sns: new SNSClient(to),
    s3: new S3Client(to),
    dynamodb: new DynamoDBClient(to),
    events: new EventBridgeClient(to),
    secrets: new SecretsManagerClient(to),
  };
  const service = <Result>(name: string, result: Promise<Result>) =>
    result.catch((error: unknown) => {
      throw new Error(`${name} at ${endpoint} failed (${reasonOf(error)}). Is it LocalStack or moto?`);
    });
  const { account, urls } = await service('SQS', createQueues(clients.sqs, url, template));
  const topicArn = await service('SNS', createTopic(clients.sns, queueArn(NAMES.events, account)));
  await service('S3', createBucket(clients.s3, queueArn(NAMES.mail, account)));
  await service('DynamoDB', createTable(clients.dynamodb, tableOf(template)));
  await service('EventBridge', createRules(clients.events, template.rules, account));
  return {
    endpoints: Object.fromEntries(SERVICES.map((name) => [`AWS_ENDPOINT_URL_${name}`, url])),
    topicArn,
    secrets: secretStore(clients.secrets),
    urlOf: (queue) => urls.get(queue) ?? '',
    async close() {
      for (const client of Object.values(clients)) client.destroy();
    },
  };
}

/** The error's name, and the status of the response if it is an error. SDKs call an error without a name `Unknown`. */
function reasonOf(error: unknown): string {
  const { name, $metadata: { httpStatusCode: status = 0 } = {} } = error as {
    readonly name?: string;
    readonly $metadata?: { readonly httpStatusCode?: number };
  };
  return [...(name === 'Unknown' ? [] : [name]), ...(status >= 400 ? [`HTTP ${status}`] : [])].join(', ');
}

const SERVICES = ['SQS', 'SNS', 'S3', 'DYNAMODB', 'SECRETS_MANAGER', 'EVENTBRIDGE'];

const CONNECT_MS = 5_000;

/** Returns the endpoint's URL if a server responds there. */
async function reachable(endpoint: string): Promise<string> {
  const url = await withAddress(endpoint);
  try {
    await fetch(url, { signal: AbortSignal.timeout(CONNECT_MS) });
  } catch (error) {
    throw unreachable(endpoint, error instanceof Error ? (error.cause ?? error) : error);
  }
  return url.origin;
}

/**
 * SDKs address a bucket as a subdomain, such as `bucket.localhost`, unless the host is an IP address. Not every system resolves
 * those subdomains.
 */
async function withAddress(endpoint: string): Promise<URL> {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.username || url.search) {
    throw new Error('the endpoint must be a URL without a path, such as http://127.0.0.1:4566');
  }
  if (/(^|\.)amazonaws\.com(\.cn)?$|\.api\.aws$/.test(url.hostname)) {
    throw new Error(`${endpoint} is AWS itself. npm start uses test credentials only; see docs/deploy.md`);
  }
  if (url.protocol === 'https:') return url;
  const { address } = await lookup(url.hostname.replace(/^\[|\]$/g, ''), { family: 4 }).catch((error: unknown) => {
    throw unreachable(endpoint, error);
  });
  url.hostname = address;
  return url;
}

function unreachable(endpoint: string, error: unknown): Error {
  const { code, message } = error as { readonly code?: unknown; readonly message?: string };
  const reason = typeof code === 'string' ? code : message;
  return new Error(
    `no AWS services at ${endpoint} (${reason}). Start them, or omit the endpoint to use the embedded ones.`,
  );
}

async function createQueues(sqs: SQSClient, url: string, template: Template) {
  const urls = new Map<string, string>();
  const create = async (QueueName: string) => {
    // Without attributes, CreateQueue returns an existing queue also if its attributes differ.
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName }));
    // SDKs call the host of the queue's URL, which may be a name that does not resolve here, such as sqs.us-east-1.localhost.
    const { href } = new URL(new URL(QueueUrl).pathname, url);
    urls.set(QueueName, href);
    return href;
  };
  const QueueUrl = await create(NAMES.deadLetters);
  const read = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] });
  const account = (await sqs.send(read)).Attributes?.['QueueArn']?.split(':')[4] ?? '';
  for (const { name, attributes } of queuesOf(template, account)) {
    const queue = { QueueUrl: await create(name), Attributes: { ...attributes } };
    if (Object.keys(attributes).length > 0) await sqs.send(new SetQueueAttributesCommand(queue));
  }
  return { account, urls };
}

async function createTopic(sns: SNSClient, Endpoint: string): Promise<string> {
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: NAMES.topic }));
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint }));
  return TopicArn;
}

async function createBucket(s3: S3Client, QueueArn: string): Promise<void> {
  const { bucket: Bucket, prefix } = MAIL_FOLDER;
  // In us-east-1, CreateBucket also succeeds if the account has the bucket already.
  await s3.send(new CreateBucketCommand({ Bucket }));
  const Filter = { Key: { FilterRules: [{ Name: 'prefix' as const, Value: prefix }] } };
  const QueueConfigurations = [{ QueueArn, Events: ['s3:ObjectCreated:*' as const], Filter }];
  const NotificationConfiguration = { QueueConfigurations };
  await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }));
}

/** Only AWS's partners can create a partner bus, so rules of partner buses are omitted. */
async function createRules(events: EventBridgeClient, rules: readonly EventRule[], account: string): Promise<void> {
  await events.send(new CreateEventBusCommand({ Name: RESULT_BUS })).catch((error: unknown) => {
    if (!(error instanceof ResourceAlreadyExistsException)) throw error;
  });
  for (const { name, pattern } of rules.filter(({ busName }) => busName === 'default')) {
    const Name = `${NAMES.events}-${name}`;
    const EventPattern = JSON.stringify({ ...pattern, ...('account' in pattern ? { account: [account] } : {}) });
    await events.send(new PutRuleCommand({ Name, EventPattern }));
    const Targets = [{ Id: NAMES.events, Arn: queueArn(NAMES.events, account) }];
    await events.send(new PutTargetsCommand({ Rule: Name, Targets }));
  }
}

function secretStore(client: SecretsManagerClient): SecretStore {
  const unlessMissing = (error: unknown) => {
    if (!(error instanceof ResourceNotFoundException)) throw error;
    return undefined;
  };
  return {
    async read(SecretId) {
      return (await client.send(new GetSecretValueCommand({ SecretId })).catch(unlessMissing))?.SecretString;
    },
    async write(Name, SecretString) {
      const put = new PutSecretValueCommand({ SecretId: Name, SecretString });
      const done = await client.send(put).catch(unlessMissing);
      if (!done) await client.send(new CreateSecretCommand({ Name, SecretString }));
    },
  };
}
