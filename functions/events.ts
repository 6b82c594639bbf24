import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import type { SQSBatchResponse } from 'aws-lambda';
import { relayConfig } from '../relay.config.ts';
import { serveEvents } from './aws/event-handler.ts';
import { parseOptOutRequested } from './aws/opt-out-requested.ts';
import { openQueue } from './aws/sqs.ts';
import { openReport } from './aws/telemetry.ts';
import { readEnvironment } from './config/environment.ts';
import { receiveEvent } from './core/intake/events.ts';

const env = readEnvironment('QUEUE_URL', 'SES_TOPIC_ARN');
const { report, logger } = openReport('events');

const ports = {
  isOn: relayConfig.isOn,
  policyOf: relayConfig.policyOf,
  brands: Object.keys(relayConfig.businessUnitIds),
  topicArn: env.SES_TOPIC_ARN,
  parseRequest: parseOptOutRequested,
  enqueue: openQueue(new SQSClient(), env.QUEUE_URL).send,
  clock: () => new Date(),
  report,
};

/** EventBridge rules and SNS topics: what SES, Salesforce and systems of one's own tell. */
export const handler = middy<unknown, SQSBatchResponse | undefined>()
  .use(injectLambdaContext(logger))
  .handler(serveEvents({ receive: (event) => receiveEvent(event, ports), report }));
