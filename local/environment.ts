import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setVariables } from '../cli/environment.ts';
import { RESULT_BUS } from './events.ts';
import type { Aws } from './resources.ts';
import { CREDENTIALS, NAMES, REGION } from './resources.ts';
import { SECRET_NAMES } from './secrets.ts';

/** Returns every environment variable that the functions read. */
export function environmentOf(at: { readonly url: string; readonly hubspotUrl: string; readonly aws: Aws }) {
  return {
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    PUBLIC_URL: at.url,
    QUEUE_URL: at.aws.urlOf(NAMES.queue),
    BULK_QUEUE_URL: at.aws.urlOf(NAMES.bulk),
    LEDGER_TABLE: NAMES.table,
    HUBSPOT_SECRET: SECRET_NAMES.hubspot,
    SOURCES_SECRET: SECRET_NAMES.sources,
    LINKS_SECRET: SECRET_NAMES.links,
    RECEIPTS_SECRET: SECRET_NAMES.receipts,
    SES_TOPIC_ARN: at.aws.topicArn,
    RESULT_BUS,
    LEDGER_RETENTION_DAYS: '',
    HUBSPOT_BASE_URL: at.hubspotUrl,
    HUBSPOT_API_VERSION: 'v4',
    HUBSPOT_RATE_PER_10_S: '100',
    HUBSPOT_BATCH: 'false',
    RELAY_MODE: 'live',
    DELIVER_CONCURRENCY: '2',
    ...at.aws.endpoints,
  };
}

/** Sets the environment of this process, and writes it to `<dir>/env` for the CLI and other tools. */
export function setEnvironment(env: Readonly<Record<string, string>>, dir: string): void {
  setVariables(env);
  const lines = Object.entries(env).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(join(dir, 'env'), lines.join(''), { mode: 0o600 });
}
