import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import { relayConfig } from '../relay.config.ts';
import { openWorld } from './aws/certificates.ts';
import type { HttpEvent, HttpResult } from './aws/http-api.ts';
import { answerErrors, serveRoutes } from './aws/http-api.ts';
import { openSecret } from './aws/secrets-manager.ts';
import { openSns } from './aws/sns.ts';
import { openQueue } from './aws/sqs.ts';
import { openReport } from './aws/telemetry.ts';
import { liveSources } from './config/active-sources.ts';
import { readEnvironment } from './config/environment.ts';
import { parseSourceSecrets } from './config/secret-formats.ts';
import { webhookRoutes } from './core/intake/webhook.ts';
import { jsonError } from './core/payload/http.ts';
import { mapped, ofPortal, sources } from './sources/index.ts';

const env = readEnvironment('PUBLIC_URL', 'QUEUE_URL', 'SOURCES_SECRET');
const clock = () => new Date();
const { report, logger } = openReport('webhook');

const routes = webhookRoutes(liveSources({ sources, mapped, ofPortal }, relayConfig), {
  secrets: openSecret(new SecretsManagerClient(), env.SOURCES_SECRET, { parse: parseSourceSecrets, clock }),
  world: openWorld(fetch),
  policyOf: relayConfig.policyOf,
  enqueue: openQueue(new SQSClient(), env.QUEUE_URL).send,
  confirmSubscription: openSns((region) => new SNSClient({ region }), fetch).confirm,
  report,
});

/** `{POST,GET,HEAD} /webhooks/{source}`: what mail providers, CRMs and form tools send. */
export const handler = middy<HttpEvent, HttpResult>()
  .use(injectLambdaContext(logger))
  .use(answerErrors(env.PUBLIC_URL, { report, show: jsonError }))
  .handler(serveRoutes(routes, env.PUBLIC_URL));
