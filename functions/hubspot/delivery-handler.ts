import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { MiddyfiedHandler } from '@middy/core';
import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { relayConfig } from '../../relay.config.ts';
import { createCounters } from '../aws/dynamodb/counters.ts';
import { createLedger } from '../aws/dynamodb/ledger.ts';
import { createResultBus } from '../aws/eventbridge.ts';
import { createQueueHandler } from '../aws/queue-handler.ts';
import type { Queue } from '../aws/sqs.ts';
import { createQueue } from '../aws/sqs.ts';
import { createReport } from '../aws/telemetry.ts';
import type { Variables } from '../config/environment.ts';
import { readEnvironment } from '../config/environment.ts';
import { carriesOf } from '../config/source-options.ts';
import type { BatchLane } from '../core/delivery/batch-lane.ts';
import { createBatchLane } from '../core/delivery/batch-lane.ts';
import type { DeliverPorts } from '../core/delivery/deliver.ts';
import { deliver } from '../core/delivery/deliver.ts';
import { supportDaysLeft } from '../core/delivery/hubspot.ts';
import { surgeCounters } from '../core/delivery/surge-limit.ts';
import type { Report } from '../core/model/telemetry.ts';
import { callBatch, createHubSpot } from './client.ts';
import type { HubSpotEnvironment } from './dependencies.ts';
import { createHubSpotDependencies } from './dependencies.ts';
import type { HubSpotPorts } from './request.ts';

/** `later`: reads the bulk queue, and leaves a part of the rate and of the daily limit to `now`. */
export type Urgency = 'now' | 'later';

/** Fraction of the rate. */
const RATE_RESERVE = 0.25;

/** Creates the handler of a function that receives commands from a queue and sends them to HubSpot. */
export function createDeliveryHandler(urgency: Urgency): MiddyfiedHandler<SQSEvent, SQSBatchResponse> {
  const env = readEnvironment(
    'QUEUE_URL',
    'BULK_QUEUE_URL',
    'LEDGER_TABLE',
    'HUBSPOT_SECRET',
    'RECEIPTS_SECRET',
    'HUBSPOT_BASE_URL',
    'HUBSPOT_API_VERSION',
    'HUBSPOT_RATE_PER_10_S',
    'HUBSPOT_BATCH',
    'DELIVER_CONCURRENCY',
    'RESULT_BUS',
    'LEDGER_RETENTION_DAYS',
    'RELAY_MODE',
  );
  const { QUEUE_URL, BULK_QUEUE_URL = QUEUE_URL, RESULT_BUS: bus, HUBSPOT_API_VERSION: version } = env;
  const { report, logger } = createReport('deliver');
  const queue = createQueue(new SQSClient(), urgency === 'now' ? QUEUE_URL : BULK_QUEUE_URL);
  const ports = createPorts(env, { urgency, queue, report });
  const { clock } = ports;
  report({ event: 'api_version.checked', version, daysLeft: supportDaysLeft(version, clock()) });
  return middy<SQSEvent, SQSBatchResponse>()
    .use(injectLambdaContext(logger))
    .handler(
      createQueueHandler({
        deliver: (optOut) => deliver(optOut, ports),
        erase: ports.ledger.erase,
        queue,
        publish: createResultBus(new EventBridgeClient(), { bus, ...relayConfig.results, report }),
        clock,
        report,
      }),
    );
}

type Environment = HubSpotEnvironment &
  Pick<Variables, 'LEDGER_TABLE' | 'HUBSPOT_BATCH' | 'DELIVER_CONCURRENCY' | 'LEDGER_RETENTION_DAYS' | 'RELAY_MODE'>;

interface Given {
  readonly urgency: Urgency;
  readonly queue: Queue;
  readonly report: Report;
}

function createPorts(env: Environment, { urgency, queue, report }: Given): DeliverPorts {
  const clock = () => new Date();
  const dynamodb = new DynamoDBClient();
  const { calls, definitions, receipts } = createHubSpotDependencies(new SecretsManagerClient(), env, {
    shareOfRate: 1 / env.DELIVER_CONCURRENCY,
    leaves: urgency === 'later' ? { rate: RATE_RESERVE, daily: relayConfig.dailyReserve } : undefined,
    legalBasis: relayConfig,
    clock,
    report,
  });
  const lane = createLane(env, calls, report);
  const counters = createCounters(dynamodb, { table: env.LEDGER_TABLE, report });
  return {
    mode: env.RELAY_MODE,
    ledger: createLedger(dynamodb, env.LEDGER_TABLE, receipts),
    hubspot: (writesAlone) => createHubSpot(calls, lane && { lane, writesAlone }),
    definitions,
    businessUnitIds: relayConfig.businessUnitIds,
    staleAfterSeconds: relayConfig.staleAfterSeconds,
    uncheckedAfterHours: relayConfig.deadline.warnAfterHours,
    allAddresses: relayConfig.contacts.allAddresses,
    enqueue: queue.send,
    async isOverSurgeLimit(optOut, now) {
      const surgeLimit = { ...relayConfig.surgeLimit, carries: carriesOf(relayConfig, optOut.source) };
      return (await counters.count(surgeCounters(optOut, now, surgeLimit))) !== undefined;
    },
    sign: receipts.sign,
    retentionDays: env.LEDGER_RETENTION_DAYS,
    clock,
    random: Math.random,
  };
}

/** Returns undefined if the account has no batch calls. */
function createLane({ HUBSPOT_BATCH: size }: Environment, calls: HubSpotPorts, report: Report): BatchLane | undefined {
  if (size === undefined) return undefined;
  return createBatchLane({ call: (call) => callBatch(call, calls), size, clock: calls.clock, report });
}
