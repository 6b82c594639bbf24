import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import { relayConfig } from '../relay.config.ts';
import { readEnvironment } from './adapters/config.ts';
import type { HttpEvent, HttpResult } from './adapters/http-api.ts';
import { answerErrors, serveRoutes } from './adapters/http-api.ts';
import { liveSources } from './adapters/live-sources.ts';
import { openReport } from './adapters/report.ts';
import { parseSourceSecrets } from './adapters/secret-forms.ts';
import { openSecret } from './adapters/secrets.ts';
import { openSns } from './adapters/sns.ts';
import { openQueue } from './adapters/sqs.ts';
import { openWorld } from './adapters/world.ts';
import { jsonError } from './core/http.ts';
import { webhookRoutes } from './core/webhook.ts';
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
