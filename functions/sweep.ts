import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import type { ScheduledEvent } from 'aws-lambda';
import { relayConfig } from '../relay.config.ts';
import { readEnvironment } from './adapters/config.ts';
import { openDesk } from './adapters/dynamodb-desk.ts';
import { openHubSpot } from './adapters/hubspot.ts';
import { openBulkRead } from './adapters/hubspot-bulk.ts';
import { openHubSpotSide } from './adapters/hubspot-side.ts';
import { openReport } from './adapters/report.ts';
import { serveSchedule } from './adapters/schedule-events.ts';
import { openQueue } from './adapters/sqs.ts';
import { readClock } from './core/sweep-clock.ts';
import { repair } from './core/sweep-repair.ts';
import { walk } from './core/sweep-walk.ts';

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
