import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import type { SQSBatchResponse } from 'aws-lambda';
import { relayConfig } from '../relay.config.ts';
import { createEventHandler } from './aws/event-handler.ts';
import { parseOptOutRequested } from './aws/opt-out-requested.ts';
import { createQueue } from './aws/sqs.ts';
import { createReport } from './aws/telemetry.ts';
import { readEnvironment } from './config/environment.ts';
import { carriesOf, isOn, policyOf } from './config/source-options.ts';
import { ingestEvent } from './core/intake/events.ts';
import { createFloodGate } from './core/intake/flood.ts';

const env = readEnvironment('QUEUE_URL', 'BULK_QUEUE_URL', 'SES_TOPIC_ARN');
const clock = () => new Date();
const { report, logger } = createReport('events');
const sqs = new SQSClient();

const ports = {
  isOn: (source: string) => isOn(relayConfig, source),
  policyOf: (source: string) => policyOf(relayConfig, source),
  brands: Object.keys(relayConfig.businessUnitIds),
  topicArn: env.SES_TOPIC_ARN,
  parseRequest: parseOptOutRequested,
  enqueue: createFloodGate({
    enqueue: createQueue(sqs, env.QUEUE_URL).send,
    enqueueBulk: createQueue(sqs, env.BULK_QUEUE_URL ?? env.QUEUE_URL).send,
    carriesOf: (source) => carriesOf(relayConfig, source),
    clock,
  }),
  clock,
  report,
};

/** Events from EventBridge rules and SNS topics: Amazon SES, Salesforce, your own systems. */
export const handler = middy<unknown, SQSBatchResponse | undefined>()
  .use(injectLambdaContext(logger))
  .handler(createEventHandler({ receive: (event) => ingestEvent(event, ports), report }));
