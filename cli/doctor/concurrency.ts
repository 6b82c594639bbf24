import process from 'node:process';
import { SQSClient } from '@aws-sdk/client-sqs';
import { readEnvironment } from '../../functions/config/environment.ts';
import { Unavailable } from '../../functions/core/model/errors.ts';
import { isObject } from '../../functions/core/payload/fields.ts';
import type { Finding } from './finding.ts';
import { examine, ok, warning } from './finding.ts';

/** What the limits in infra/api.yml need: 500 requests per second and route, each for about a tenth of a second. */
const ENOUGH = 100;
const REQUEST =
  'aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value 1000';

/** Checks how many functions the account may run at once: ten in a new account. Returns no finding on another machine than AWS. */
export function checkConcurrency(): Promise<readonly Finding[]> {
  const check = async () => {
    const endpoint = lambdaEndpoint();
    if (endpoint === undefined) return [];
    const limit = await concurrencyLimit(endpoint);
    const message = `the account may run ${limit.toLocaleString('en')} functions at once`;
    return limit < ENOUGH
      ? [warning('concurrency', `${message}: in a burst, webhooks and pages get errors`, `request more: ${REQUEST}`)]
      : [ok('concurrency', message)];
  };
  return examine('concurrency', check, 'check your permission for lambda:GetAccountSettings');
}

/** The SDK's variable for this service, or the host of the queue with the name of this service. Undefined if that is not AWS. */
function lambdaEndpoint(): URL | undefined {
  const { AWS_ENDPOINT_URL_LAMBDA: given } = process.env;
  if (given) return new URL(given);
  const { host } = new URL(readEnvironment('QUEUE_URL').QUEUE_URL);
  return /^sqs\.[\w-]+\.amazonaws\.com(\.cn)?$/.test(host)
    ? new URL(`https://${host.replace('sqs', 'lambda')}`)
    : undefined;
}

/**
 * Calls GetAccountSettings, signed by the SDK's client for SQS, so that the SDK's client for Lambda is not needed.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_GetAccountSettings.html
 */
async function concurrencyLimit({ protocol, hostname, port, host }: URL): Promise<number> {
  const path = '/2016-08-19/account-settings/';
  const { signer, region } = new SQSClient().config;
  const scheme = { name: 'sigv4', signingName: 'lambda', signingRegion: await region(), properties: {} };
  const signing = await signer(scheme);
  const { headers } = await signing.sign({ method: 'GET', protocol, hostname, path, headers: { host } });
  const response = await fetch(`${protocol}//${hostname}${port && `:${port}`}${path}`, { headers });
  const body: unknown = response.ok ? await response.json() : undefined;
  const limit =
    isObject(body) && isObject(body.AccountLimit) ? Number(body.AccountLimit.ConcurrentExecutions) : Number.NaN;
  if (Number.isNaN(limit)) throw new Unavailable(`Lambda responded with ${response.status}`);
  return limit;
}
