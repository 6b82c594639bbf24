import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import type { ScheduledEvent } from 'aws-lambda';
import { relayConfig } from '../relay.config.ts';
import { openDesk } from './aws/dynamodb/operator-ledger.ts';
import { serveSchedule } from './aws/schedule-handler.ts';
import { openQueue } from './aws/sqs.ts';
import { openReport } from './aws/telemetry.ts';
import { readEnvironment } from './config/environment.ts';
import { readClock } from './core/reconcile/backlog-age.ts';
import { repair } from './core/reconcile/requeue-lost.ts';
import { walk } from './core/reconcile/scan.ts';
import { openBulkRead } from './hubspot/bulk.ts';
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
);
/** As one of ten: what is only looked at leaves the rate to what is delivered. */
const INSTANCES = 10;
const clock = () => new Date();
const { report, logger } = openReport('sweep');
const share = { instances: INSTANCES, clock, report };
const { calls, receipts } = openHubSpotSide(new SecretsManagerClient(), env, share);
const ports = {
  desk: openDesk(new DynamoDBClient(), env.LEDGER_TABLE, receipts.hashes),
  enqueue: openQueue(new SQSClient(), env.QUEUE_URL).send,
  hubspot: openHubSpot(calls),
  readMany: openBulkRead(calls),
  businessUnitIds: relayConfig.businessUnitIds,
  clock: relayConfig.clock,
  drift: relayConfig.drift,
  sign: receipts.sign,
  report,
};

/** Watches the clock of what is open, repairs what the queue has lost, and looks for drift; every five minutes. */
export const handler = middy<ScheduledEvent, void>()
  .use(injectLambdaContext(logger))
  .handler(
    serveSchedule(
      {
        clock: (run) => readClock(run, ports),
        repair: (run) => repair(run, ports),
        walk: (run) => walk(run, ports),
      },
      report,
    ),
  );
