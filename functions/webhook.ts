import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import { relayConfig } from '../relay.config.ts';
import { createCertificates } from './aws/certificates.ts';
import type { HttpEvent, HttpResult } from './aws/http-api.ts';
import { createHttpHandler, errorResponder } from './aws/http-api.ts';
import { createSecretCache } from './aws/secrets-manager.ts';
import { createSns } from './aws/sns.ts';
import { createQueue } from './aws/sqs.ts';
import { createReport } from './aws/telemetry.ts';
import { activeSources } from './config/active-sources.ts';
import { readEnvironment } from './config/environment.ts';
import { parseSourceSecrets } from './config/secret-formats.ts';
import { carriesOf, policyOf } from './config/source-options.ts';
import { createFloodGate } from './core/intake/flood.ts';
import { webhookRoutes } from './core/intake/webhook.ts';
import { jsonError } from './core/payload/http.ts';
import { mapped, ofPortal, sources } from './sources/index.ts';

const env = readEnvironment('PUBLIC_URL', 'QUEUE_URL', 'BULK_QUEUE_URL', 'SOURCES_SECRET');
const clock = () => new Date();
const { report, logger } = createReport('webhook');
const sqs = new SQSClient();

const routes = webhookRoutes(activeSources({ sources, mapped, ofPortal }, relayConfig), {
  secrets: createSecretCache(new SecretsManagerClient(), env.SOURCES_SECRET, { parse: parseSourceSecrets, clock }),
  certificates: createCertificates(fetch, clock),
  policyOf: (source) => policyOf(relayConfig, source),
  enqueue: createFloodGate({
    enqueue: createQueue(sqs, env.QUEUE_URL).send,
    enqueueBulk: createQueue(sqs, env.BULK_QUEUE_URL ?? env.QUEUE_URL).send,
    carriesOf: (source) => carriesOf(relayConfig, source),
    clock,
  }),
  confirmSubscription: createSns((region) => new SNSClient({ region }), fetch).confirm,
  report,
});

/** Webhooks from email providers, CRMs and form tools: `POST`, `GET` and `HEAD /webhooks/{source}`. */
export const handler = middy<HttpEvent, HttpResult>()
  .use(injectLambdaContext(logger))
  .use(errorResponder(env.PUBLIC_URL, { report, show: jsonError }))
  .handler(createHttpHandler(routes, env.PUBLIC_URL));
