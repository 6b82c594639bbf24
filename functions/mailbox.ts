import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import type { SQSBatchResponse } from 'aws-lambda';
import { relayConfig } from '../relay.config.ts';
import { serveEvents } from './aws/event-handler.ts';
import { openObjects } from './aws/s3.ts';
import { openSecret } from './aws/secrets-manager.ts';
import { openQueue } from './aws/sqs.ts';
import { openReport } from './aws/telemetry.ts';
import { readEnvironment } from './config/environment.ts';
import { parseLinkKeys } from './config/secret-formats.ts';
import { receiveMail } from './core/intake/mailbox.ts';
import { openSealing } from './crypto/sealed-links.ts';
import { mailEvents } from './mail/mail-handler.ts';

const env = readEnvironment('QUEUE_URL', 'LINKS_SECRET');
const clock = () => new Date();
const { report, logger } = openReport('mailbox');

const ports = {
  openLink: openSealing(openSecret(new SecretsManagerClient(), env.LINKS_SECRET, { parse: parseLinkKeys, clock }))
    .openLink,
  policyOf: relayConfig.policyOf,
  brands: Object.keys(relayConfig.businessUnitIds),
  enqueue: openQueue(new SQSClient(), env.QUEUE_URL).send,
  report,
};
const receive = mailEvents({
  objects: openObjects(new S3Client()),
  receive: (mail, arrival) => receiveMail(mail, arrival, ports),
  report,
});

/** Raw mail that SES has stored in S3: bounces, complaints, `mailto:` unsubscribes. */
export const handler = middy<unknown, SQSBatchResponse | undefined>()
  .use(injectLambdaContext(logger))
  .handler(serveEvents({ receive, report }));
