import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import httpCors from '@middy/http-cors';
import { version } from '../infra/version.ts';
import { relayConfig } from '../relay.config.ts';
import { createCounters } from './aws/dynamodb/counters.ts';
import { createStatusReader } from './aws/dynamodb/table.ts';
import type { ErrorPage, HttpEvent, HttpResult } from './aws/http-api.ts';
import { createHttpHandler, errorResponder } from './aws/http-api.ts';
import { createSecretCache } from './aws/secrets-manager.ts';
import { createQueue } from './aws/sqs.ts';
import { createReport } from './aws/telemetry.ts';
import { readEnvironment } from './config/environment.ts';
import { parseApiKeys, parseLinkKeys } from './config/secret-formats.ts';
import { linkRoutes } from './core/links/issue-links.ts';
import { jsonError } from './core/payload/http.ts';
import { createTokenSealer } from './crypto/sealed-links.ts';
import { errorPage } from './pages/error.ts';
import { pageRoutes } from './pages/routes.ts';

const env = readEnvironment('PUBLIC_URL', 'QUEUE_URL', 'LEDGER_TABLE', 'LINKS_SECRET');
const clock = () => new Date();
const { report, logger } = createReport('unsubscribe');
const secretsManager = new SecretsManagerClient();
const dynamodb = new DynamoDBClient();
const sealer = createTokenSealer(createSecretCache(secretsManager, env.LINKS_SECRET, { parse: parseLinkKeys, clock }));
const brands = Object.keys(relayConfig.businessUnitIds);

const pages = pageRoutes({
  sealer,
  find: createStatusReader(dynamodb, env.LEDGER_TABLE),
  limits: relayConfig.limits,
  counters: createCounters(dynamodb, { table: env.LEDGER_TABLE, report }),
  enqueue: createQueue(new SQSClient(), env.QUEUE_URL).send,
  themes: relayConfig.themes,
  version,
  report,
});
const links = linkRoutes({
  keys: createSecretCache(secretsManager, env.LINKS_SECRET, { parse: parseApiKeys, clock }),
  seal: sealer.sealLink,
  brands,
  mailbox: relayConfig.mailbox,
  report,
});
const showPage = errorPage(relayConfig.themes);
/** `/links` is called by programs, every other route by people. */
const showError: ErrorPage = (error, request) =>
  request.url.pathname === '/links' ? jsonError(error) : showPage(error, request);

/** For scripts on landing pages that submit the form. Browsers send a preflight request for JSON only. */
const cors = {
  origins: [...relayConfig.origins],
  methods: 'POST',
  headers: 'content-type',
  exposeHeaders: 'retry-after',
  vary: 'origin',
};

/** Public pages and one-click unsubscribe (`/u/{token}`, `/unsubscribe`, `/receipts/{receipt}`), `/links` and `/health`. */
export const handler = middy<HttpEvent, HttpResult>()
  .use(injectLambdaContext(logger))
  .use(httpCors(cors))
  .use(errorResponder(env.PUBLIC_URL, { report, show: showError }))
  .handler(createHttpHandler({ ...pages, ...links }, env.PUBLIC_URL));
