import { parseEmailAddress } from '../functions/core/model/email-address.ts';
import { createTokenSealer } from '../functions/crypto/sealed-links.ts';
import { sampleSourceSecrets } from '../test/sample-secrets.ts';
import { sendgridSample } from '../test/signed-samples.ts';

const KEY = Buffer.alloc(32, 7);

/** The secrets of the benchmarked functions, by name. */
export const SAMPLE_SECRETS = {
  'optout-relay/hubspot': { token: 'pat-bench' },
  'optout-relay/sources': sampleSourceSecrets(),
  'optout-relay/links': { keys: [{ kid: 'bench', key: KEY.toString('base64url') }] },
  'optout-relay/receipts': {
    keys: [{ kid: 'bench', privateKey: KEY.toString('base64url') }],
    hashKeys: [KEY.toString('base64url')],
  },
};

/** Returns an AWS event for each function. `@N@` is replaced with the number of the invocation. */
export function sampleEvents(now: Date): Readonly<Record<string, unknown>> {
  const { path, headers, body } = sendgridSample('ada@example.com', now);
  const form = 'email=ada-@N@@example.com';
  return {
    webhook: httpEvent({ routeKey: 'POST /webhooks/{source}', path, body, headers }, { source: 'sendgrid' }),
    unsubscribe: httpEvent({
      routeKey: 'POST /unsubscribe',
      path: '/unsubscribe',
      body: form,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    }),
    deliver: { Records: [{ messageId: '@N@', receiptHandle: 'r', body: JSON.stringify(command(now)) }] },
  };
}

/** Returns the events of viewing a sealed link and of a one-click unsubscribe. */
export async function linkEvents(): Promise<Readonly<Record<string, unknown>>> {
  const keys = async () => [{ kid: 'bench', key: KEY }];
  const sealer = createTokenSealer({ get: keys, refresh: keys });
  const token = await sealer.sealLink({ email: parseEmailAddress('ada@example.com') });
  const common = { path: `/u/${token}`, headers: {} };
  return {
    'GET /u/{token}': httpEvent({ ...common, routeKey: 'GET /u/{token}', body: '' }, { token }),
    'POST /u/{token}': httpEvent(
      { ...common, routeKey: 'POST /u/{token}', body: 'List-Unsubscribe=One-Click' },
      { token },
    ),
  };
}

interface Request {
  readonly routeKey: string;
  readonly path: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

function httpEvent({ routeKey, path, body, headers }: Request, pathParameters = {}) {
  const [method] = routeKey.split(' ');
  const http = { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'bench' };
  const requestContext = { http, timeEpoch: Date.now() };
  return { version: '2.0', routeKey, rawPath: path, rawQueryString: '', headers, pathParameters, body, requestContext };
}

function command(now: Date) {
  const times = { occurredAt: now.toISOString(), receivedAt: now.toISOString() };
  const id = 'A'.repeat(43);
  return { version: 1, id, email: 'ada-@N@@example.com', source: 'form', kind: 'opt_out', scope: 'all', ...times };
}
