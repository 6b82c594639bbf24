import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import type { ScheduledEvent } from 'aws-lambda';
import { relayConfig } from '../relay.config.ts';
import { createOperatorLedger } from './aws/dynamodb/operator-ledger.ts';
import { createScheduleHandler } from './aws/schedule-handler.ts';
import { createQueue } from './aws/sqs.ts';
import { createReport } from './aws/telemetry.ts';
import { readEnvironment } from './config/environment.ts';
import type { EmailAddress } from './core/model/email-address.ts';
import { measureBacklog } from './core/reconcile/backlog-age.ts';
import { requeueLost } from './core/reconcile/requeue-lost.ts';
import { scan } from './core/reconcile/scan.ts';
import { createHubSpot, readManyStatuses } from './hubspot/client.ts';
import { createHubSpotDependencies } from './hubspot/dependencies.ts';

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
const { report, logger } = createReport('sweep');
const share = { instances: INSTANCES, clock, report };
const { calls, receipts } = createHubSpotDependencies(new SecretsManagerClient(), env, share);
const ports = {
  operatorLedger: createOperatorLedger(new DynamoDBClient(), env.LEDGER_TABLE, receipts.hashes),
  enqueue: createQueue(new SQSClient(), env.QUEUE_URL).send,
  hubspot: () => createHubSpot(calls),
  readMany: (emails: readonly EmailAddress[]) => readManyStatuses(emails, calls),
  businessUnitIds: relayConfig.businessUnitIds,
  deadline: relayConfig.deadline,
  drift: relayConfig.drift,
  sign: receipts.sign,
  report,
};

/** Watches the clock of what is open, repairs what the queue has lost, and looks for drift; every five minutes. */
export const handler = middy<ScheduledEvent, void>()
  .use(injectLambdaContext(logger))
  .handler(
    createScheduleHandler(
      {
        backlogAge: (run) => measureBacklog(run, ports),
        requeueLost: (run) => requeueLost(run, ports),
        scan: (run) => scan(run, ports),
      },
      report,
    ),
  );
