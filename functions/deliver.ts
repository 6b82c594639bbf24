import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { relayConfig } from '../relay.config.ts';
import { readEnvironment } from './adapters/config.ts';
import { openLedger } from './adapters/dynamodb.ts';
import { openHubSpot } from './adapters/hubspot.ts';
import { openToken } from './adapters/hubspot-token.ts';
import { openReport } from './adapters/report.ts';
import { openSecret, parseCredentials } from './adapters/secrets.ts';
import { openQueue } from './adapters/sqs.ts';
import { serveQueue } from './adapters/sqs-events.ts';
import { deliver } from './core/deliver.ts';
import { supportDaysLeft } from './core/hubspot.ts';
import { createPace } from './core/pace.ts';

const env = readEnvironment(
  'QUEUE_URL',
  'LEDGER_TABLE',
  'HUBSPOT_SECRET',
  'HUBSPOT_BASE_URL',
  'HUBSPOT_API_VERSION',
  'HUBSPOT_RATE_PER_10_S',
  'DELIVER_CONCURRENCY',
);
const clock = () => new Date();
const { report, logger } = openReport('deliver');

const at = { baseUrl: env.HUBSPOT_BASE_URL, version: env.HUBSPOT_API_VERSION, fetch, clock };
const secret = openSecret(new SecretsManagerClient(), env.HUBSPOT_SECRET, { parse: parseCredentials, clock });
const pace = createPace({ ratePer10Seconds: env.HUBSPOT_RATE_PER_10_S, instances: env.DELIVER_CONCURRENCY });
const ports = {
  ledger: openLedger(new DynamoDBClient(), env.LEDGER_TABLE),
  hubspot: openHubSpot({ ...at, token: openToken({ ...at, secret }), pace, report }),
  businessUnitIds: relayConfig.businessUnitIds,
  clock,
  random: Math.random,
};
report({
  event: 'api_version.checked',
  version: env.HUBSPOT_API_VERSION,
  daysLeft: supportDaysLeft(env.HUBSPOT_API_VERSION, clock()),
});

const queue = openQueue(new SQSClient(), env.QUEUE_URL);

/** Takes the commands off the queue and tells HubSpot. */
export const handler = middy<SQSEvent, SQSBatchResponse>()
  .use(injectLambdaContext(logger))
  .handler(
    serveQueue({ deliver: (optOut) => deliver(optOut, ports), forget: ports.ledger.forget, queue, clock, report }),
  );
