import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { SAMPLE_SECRETS } from '../../../bench/events.ts';
import type { Put } from '../../../local/aws/objects.ts';
import { startQueues } from '../../../local/aws/queues.ts';
import { startSecretsManager } from '../../../local/aws/secrets-manager.ts';
import { startTables } from '../../../local/aws/tables.ts';
import { startHubSpotSimulator } from '../../../local/hubspot/simulator.ts';
import { closeServer, listenOnLoopback } from '../../../local/listen.ts';
import { branches, ofType, target, variablesOf } from './template.ts';

/** Local services for the packaged functions: the template's queues, tables and secrets, and the HubSpot simulator. */
export interface Services {
  readonly hubspotUrl: string;
  /** Returns the environment of a function: its variables in the template, resolved, and the local AWS endpoint. */
  variablesFor(name: string): Readonly<Record<string, string>>;
  /** Returns the AWS calls since the last invocation of this function: `sqs:SendMessageBatch`. */
  calls(): readonly string[];
  store(at: Put, body: string): Promise<void>;
  close(): Promise<void>;
}

export async function startServices(dir: string): Promise<Services> {
  const names = ofType('AWS::SQS::Queue').map(([name]) => ({ name, attributes: {} }));
  const queues = await startQueues(names, dir, { buckets: [BUCKET] });
  const tables = await startTables(ofType('AWS::DynamoDB::Table').map(tableOf), join(dir, 'dynamodb'));
  const secrets = await startSecretsManager({ port: 0 });
  for (const [, { Properties }] of ofType('AWS::SecretsManager::Secret')) {
    const name = String(Properties.Name);
    secrets.write(name, JSON.stringify(SAMPLES[name.split('/').at(-1) ?? ''] ?? {}));
  }
  const hubspot = await startHubSpotSimulator({ port: 0, tokens: [SAMPLE_SECRETS['optout-relay/hubspot'].token] });
  const at = { AmazonSQS: queues.url, DynamoDB_20120810: tables.url, secretsmanager: secrets.url, s3: queues.url };
  const { server, calls } = createProxy(at);
  const url = `http://127.0.0.1:${await listenOnLoopback(server, 0)}`;
  return {
    hubspotUrl: hubspot.url,
    variablesFor: (name) => ({ ...resolved(name, url), HUBSPOT_BASE_URL: hubspot.url, ...AWS, AWS_ENDPOINT_URL: url }),
    calls: () => calls.splice(0),
    async store({ bucket, key }, body) {
      await fetch(`${queues.url}/${bucket}/${key}`, { method: 'PUT', body });
    },
    async close() {
      await Promise.all([closeServer(server), queues.close(), tables.close(), secrets.close(), hubspot.close()]);
    },
  };
}

const BUCKET = { name: 'mail-bucket', prefix: 'none/', queue: 'MailDeadLetters' };
const AWS = { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' };

/** Sample secrets by the last part of their name. */
const SAMPLES: Readonly<Record<string, unknown>> = Object.fromEntries(
  Object.entries(SAMPLE_SECRETS).map(([name, value]) => [name.split('/').at(-1), value]),
);

function tableOf([TableName, { Properties }]: ReturnType<typeof ofType>[number]): CreateTableCommandInput {
  const { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes } = Properties as unknown as CreateTableCommandInput;
  return { TableName, AttributeDefinitions, KeySchema, GlobalSecondaryIndexes, BillingMode: 'PAY_PER_REQUEST' };
}

/** Resolves a function's variables for a stack where no condition holds. */
function resolved(name: string, url: string): Readonly<Record<string, string>> {
  const queues = ofType('AWS::SQS::Queue').map(([id]) => id);
  const values = Object.entries(variablesOf(name)).map(([key, value]) => {
    const [, where] = branches(value);
    const named = target(where) === 'AWS::NoValue' ? '' : String(target(where));
    if (key === 'PUBLIC_URL') return [key, 'https://relay.example.com'];
    return [key, queues.includes(named) ? `${url}/000000000000/${named}` : named];
  });
  return Object.fromEntries(values);
}

const PREFIXES: Readonly<Record<string, string>> = { AmazonSQS: 'sqs', DynamoDB_20120810: 'dynamodb' };

/** Serves all AWS APIs on one port: records each call and forwards it to its local service. */
function createProxy(services: Readonly<Record<string, string>>) {
  const calls: string[] = [];
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const target = request.headers['x-amz-target'] ?? request.url?.replace(/^.*x-id=/, 's3.');
    const [service = '', operation] = String(target).split('.');
    calls.push(`${PREFIXES[service] ?? service}:${operation}`);
    const headers = Object.entries(request.headers).filter(([name]) =>
      /^(authorization|content-type|range|x-amz-.*)$/.test(name),
    );
    const { method = '' } = request;
    const forwarded = await fetch(`${services[service]}${request.url}`, {
      method,
      headers: headers.map(([name, value]) => [name, String(value)] as const),
      ...(method === 'GET' ? {} : { body: await buffer(request) }),
    });
    response.writeHead(forwarded.status, { 'content-type': forwarded.headers.get('content-type') ?? '' });
    response.end(Buffer.from(await forwarded.arrayBuffer()));
  };
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.writeHead(501).end());
  });
  return { server, calls };
}
