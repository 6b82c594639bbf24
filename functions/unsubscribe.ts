import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import httpCors from '@middy/http-cors';
import { relayConfig } from '../relay.config.ts';
import { readEnvironment } from './adapters/config.ts';
import { openLedger } from './adapters/dynamodb.ts';
import type { HttpEvent, HttpResult } from './adapters/http-api.ts';
import { answerErrors, serveRoutes } from './adapters/http-api.ts';
import { openSealing } from './adapters/jose.ts';
import { openReport } from './adapters/report.ts';
import { openSecret, parseLinkKeys } from './adapters/secrets.ts';
import { openQueue } from './adapters/sqs.ts';
import { errorPage } from './pages/error.ts';
import { pageRoutes } from './pages/routes.ts';

const env = readEnvironment('PUBLIC_URL', 'QUEUE_URL', 'LEDGER_TABLE', 'LINKS_SECRET');
const clock = () => new Date();
const { report, logger } = openReport('unsubscribe');
const linkKeys = openSecret(new SecretsManagerClient(), env.LINKS_SECRET, { parse: parseLinkKeys, clock });

const routes = pageRoutes({
  sealing: openSealing(linkKeys),
  find: openLedger(new DynamoDBClient(), env.LEDGER_TABLE).find,
  enqueue: openQueue(new SQSClient(), env.QUEUE_URL).send,
  brands: Object.keys(relayConfig.businessUnitIds),
  report,
});

/** `/u/{token}`, `/unsubscribe`, `/receipts/{receipt}`, `/health`: the public pages and the mail clients' one-click. */
export const handler = middy<HttpEvent, HttpResult>()
  .use(injectLambdaContext(logger))
  .use(httpCors({ origins: [...relayConfig.origins], methods: 'POST', headers: 'content-type', vary: 'origin' }))
  .use(answerErrors(env.PUBLIC_URL, { report, show: errorPage }))
  .handler(serveRoutes(routes, env.PUBLIC_URL));
