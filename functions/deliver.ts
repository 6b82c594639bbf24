import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { relayConfig } from '../relay.config.ts';
import { createCounters } from './aws/dynamodb/counters.ts';
import { createLedger } from './aws/dynamodb/ledger.ts';
import { createResultBus } from './aws/eventbridge.ts';
import { createQueueHandler } from './aws/queue-handler.ts';
import { createQueue } from './aws/sqs.ts';
import { createReport } from './aws/telemetry.ts';
import { readEnvironment } from './config/environment.ts';
import type { DeliverPorts } from './core/delivery/deliver.ts';
import { deliver } from './core/delivery/deliver.ts';
import { supportDaysLeft } from './core/delivery/hubspot.ts';
import { surgeCounters } from './core/delivery/surge-limit.ts';
import { createHubSpot } from './hubspot/client.ts';
import { createHubSpotDependencies } from './hubspot/dependencies.ts';

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
const { report, logger } = createReport('deliver');
const dynamodb = new DynamoDBClient();
const { calls, definitions, receipts } = createHubSpotDependencies(new SecretsManagerClient(), env, {
  shareOfRate: 1 / env.DELIVER_CONCURRENCY,
  legalBasis: relayConfig,
  clock,
  report,
});
const limit = createCounters(dynamodb, { table: env.LEDGER_TABLE, report });
const queue = createQueue(new SQSClient(), env.QUEUE_URL);
const ports: DeliverPorts = {
  ledger: createLedger(dynamodb, env.LEDGER_TABLE, receipts),
  hubspot: () => createHubSpot(calls),
  definitions,
  businessUnitIds: relayConfig.businessUnitIds,
  staleAfterSeconds: relayConfig.staleAfterSeconds,
  uncheckedAfterHours: relayConfig.deadline.warnAfterHours,
  allAddresses: relayConfig.contacts.allAddresses,
  enqueue: queue.send,
  async isOverSurgeLimit(optOut, now) {
    const surgeLimit = { ...relayConfig.surgeLimit, carries: relayConfig.carriesOf(optOut.source) };
    return (await limit(surgeCounters(optOut, now, surgeLimit))) !== undefined;
  },
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

/** Receives commands from the queue and sends them to HubSpot. */
export const handler = middy<SQSEvent, SQSBatchResponse>()
  .use(injectLambdaContext(logger))
  .handler(
    createQueueHandler({
      deliver: (optOut) => deliver(optOut, ports),
      erase: ports.ledger.erase,
      queue,
      publish: createResultBus(new EventBridgeClient(), { bus: env.RESULT_BUS, ...relayConfig.results, report }),
      clock,
      report,
    }),
  );
