import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { relayConfig } from '../relay.config.ts';
import { openLimit } from './aws/dynamodb/counters.ts';
import { openLedger } from './aws/dynamodb/ledger.ts';
import { openResultBus } from './aws/eventbridge.ts';
import { serveQueue } from './aws/queue-handler.ts';
import { openQueue } from './aws/sqs.ts';
import { openReport } from './aws/telemetry.ts';
import { readEnvironment } from './config/environment.ts';
import type { DeliverPorts } from './core/delivery/deliver.ts';
import { deliver } from './core/delivery/deliver.ts';
import { supportDaysLeft } from './core/delivery/hubspot.ts';
import { brakeCounters } from './core/delivery/surge-limit.ts';
import { openHubSpot } from './hubspot/client.ts';
import { openHubSpotSide } from './hubspot/dependencies.ts';

const env = readEnvironment(
  'QUEUE_URL',
  'LEDGER_TABLE',
  'HUBSPOT_SECRET',
  'RECEIPTS_SECRET',
  'HUBSPOT_BASE_URL',
  'HUBSPOT_API_VERSION',
  'HUBSPOT_RATE_PER_10_S',
  'DELIVER_CONCURRENCY',
  'RESULT_BUS',
  'LEDGER_RETENTION_DAYS',
);
const clock = () => new Date();
const { report, logger } = openReport('deliver');
const dynamodb = new DynamoDBClient();
const share = { instances: env.DELIVER_CONCURRENCY, clock, report };
const { calls, receipts } = openHubSpotSide(new SecretsManagerClient(), env, share);
const limit = openLimit(dynamodb, { table: env.LEDGER_TABLE, report });
const ports: DeliverPorts = {
  ledger: openLedger(dynamodb, env.LEDGER_TABLE, receipts),
  hubspot: openHubSpot(calls),
  businessUnitIds: relayConfig.businessUnitIds,
  staleAfterSeconds: relayConfig.staleAfterSeconds,
  isBraked: async (optOut, now) => (await limit(brakeCounters(optOut, now, relayConfig.brake))) !== undefined,
  sign: receipts.sign,
  retentionDays: env.LEDGER_RETENTION_DAYS,
  clock,
  random: Math.random,
};
report({
  event: 'api_version.checked',
  version: env.HUBSPOT_API_VERSION,
  daysLeft: supportDaysLeft(env.HUBSPOT_API_VERSION, clock()),
});

const queue = openQueue(new SQSClient(), env.QUEUE_URL);
const { RESULT_BUS: bus } = env;
const results = { ...relayConfig.results, report };
const publish = bus === undefined ? undefined : openResultBus(new EventBridgeClient(), { bus, ...results });

/** Takes the commands off the queue and tells HubSpot. */
export const handler = middy<SQSEvent, SQSBatchResponse>()
  .use(injectLambdaContext(logger))
  .handler(
    serveQueue({
      deliver: (optOut) => deliver(optOut, ports),
      forget: ports.ledger.forget,
      queue,
      publish,
      clock,
      report,
    }),
  );
