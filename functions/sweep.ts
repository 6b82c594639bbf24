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
import { detectDrift } from './core/reconcile/drift.ts';
import { signMissing } from './core/reconcile/missing-receipts.ts';
import { requeueLost } from './core/reconcile/requeue-lost.ts';
import { scan } from './core/reconcile/scan.ts';
import { createHubSpot, readManyStatuses } from './hubspot/client.ts';
import { createHubSpotDependencies } from './hubspot/dependencies.ts';

const env = readEnvironment(
  'QUEUE_URL',
  'BULK_QUEUE_URL',
  'LEDGER_TABLE',
  'HUBSPOT_SECRET',
  'RECEIPTS_SECRET',
  'HUBSPOT_BASE_URL',
  'HUBSPOT_API_VERSION',
  'HUBSPOT_RATE_PER_10_S',
);
const clock = () => new Date();
const { report, logger } = createReport('sweep');
const { calls, definitions, receipts } = createHubSpotDependencies(new SecretsManagerClient(), env, {
  // Reads use a tenth of the rate limit; deliveries come first.
  shareOfRate: 0.1,
  leaves: { rate: 0, daily: relayConfig.dailyReserve },
  legalBasis: relayConfig,
  clock,
  report,
});
const sqs = new SQSClient();
const ports = {
  operatorLedger: createOperatorLedger(new DynamoDBClient(), env.LEDGER_TABLE, receipts),
  enqueue: createQueue(sqs, env.QUEUE_URL).send,
  hubspot: () => createHubSpot(calls),
  readMany: (emails: readonly EmailAddress[]) => readManyStatuses(emails, calls),
  definitions,
  businessUnitIds: relayConfig.businessUnitIds,
  deadline: relayConfig.deadline,
  drift: relayConfig.drift,
  sign: receipts.sign,
  report,
};

/** An opt-out that HubSpot lost may wait: if HubSpot loses many at once, they must not delay new ones. */
const driftPorts = { ...ports, enqueue: createQueue(sqs, env.BULK_QUEUE_URL ?? env.QUEUE_URL).send };

/** Every five minutes: measures the backlog, requeues lost messages, and checks confirmed opt-outs for drift. */
export const handler = middy<ScheduledEvent, void>()
  .use(injectLambdaContext(logger))
  .handler(
    createScheduleHandler(
      {
        backlogAge: (run) => measureBacklog(run, ports),
        requeueLost: (run) => requeueLost(run, ports),
        scan: (run) => scan(run, [signMissing(ports), detectDrift(run, driftPorts)], ports),
      },
      report,
    ),
  );
