import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import type { SQSBatchResponse } from 'aws-lambda';
import { relayConfig } from '../relay.config.ts';
import { createEventHandler } from './aws/event-handler.ts';
import { createObjectStore } from './aws/s3.ts';
import { createSecretCache } from './aws/secrets-manager.ts';
import { createQueue } from './aws/sqs.ts';
import { createReport } from './aws/telemetry.ts';
import { readEnvironment } from './config/environment.ts';
import { parseLinkKeys } from './config/secret-formats.ts';
import { policyOf } from './config/source-options.ts';
import { createFloodGate } from './core/intake/flood.ts';
import { ingestMail } from './core/intake/mailbox.ts';
import { createKeyedHash } from './crypto/keyed-hash.ts';
import { createTokenSealer } from './crypto/sealed-links.ts';
import { createMailHandler } from './mail/mail-handler.ts';

const env = readEnvironment('QUEUE_URL', 'BULK_QUEUE_URL', 'LINKS_SECRET');
const clock = () => new Date();
const { report, logger } = createReport('mailbox');
const sqs = new SQSClient();

const linkKeys = createSecretCache(new SecretsManagerClient(), env.LINKS_SECRET, { parse: parseLinkKeys, clock });

const ports = {
  unsealLink: createTokenSealer(linkKeys).unsealLink,
  keyedHash: createKeyedHash(linkKeys),
  policyOf: (source: string) => policyOf(relayConfig, source),
  brands: Object.keys(relayConfig.businessUnitIds),
  enqueue: createFloodGate({
    enqueue: createQueue(sqs, env.QUEUE_URL).send,
    enqueueBulk: createQueue(sqs, env.BULK_QUEUE_URL ?? env.QUEUE_URL).send,
    carriesOf: () => 'people', // `mailto:` unsubscribes
    clock,
  }),
  report,
};
const receive = createMailHandler({
  objects: createObjectStore(new S3Client()),
  receive: (mail, arrival) => ingestMail(mail, arrival, ports),
  report,
  clock,
});

/** Raw mail that Amazon SES stored in S3: bounces, complaints, `mailto:` unsubscribes. */
export const handler = middy<unknown, SQSBatchResponse | undefined>()
  .use(injectLambdaContext(logger))
  .handler(createEventHandler({ receive, report }));
