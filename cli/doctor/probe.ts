import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createSecretCache } from '../../functions/aws/secrets-manager.ts';
import type { Variables } from '../../functions/config/environment.ts';
import { parseCredentials } from '../../functions/config/secret-formats.ts';
import type { RateLimit } from '../../functions/core/delivery/rate-limiter.ts';
import { readRateLimit } from '../../functions/hubspot/response.ts';
import { createTokenProvider } from '../../functions/hubspot/token.ts';

/** How to reach HubSpot. */
export type HubSpotEnvironment = Pick<Variables, 'HUBSPOT_SECRET' | 'HUBSPOT_BASE_URL' | 'HUBSPOT_API_VERSION'>;

/** What HubSpot answered to calls that change nothing. A status of 0 is no answer. */
export interface Probes {
  /** Of a private app's token; undefined when HubSpot does not tell. */
  readonly scopes: readonly string[] | undefined;
  readonly definitions: number;
  readonly status: number;
  /** Allowed where the account's tier has batches. */
  readonly batch: number;
  readonly limit: RateLimit | undefined;
  /** Absent for OAuth. */
  readonly daily: { readonly max: number; readonly left: number } | undefined;
}

/** RFC 2606: nobody's. */
const NOBODY = 'doctor@example.com';
const TIME_LIMIT_MS = 10_000;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Four calls. Rejects as the secret and the token do. */
export async function probeHubSpot(env: HubSpotEnvironment): Promise<Probes> {
  const { HUBSPOT_BASE_URL: baseUrl, HUBSPOT_API_VERSION: version } = env;
  const clock = () => new Date();
  const secret = createSecretCache(new SecretsManagerClient(), env.HUBSPOT_SECRET, { parse: parseCredentials, clock });
  const token = await createTokenProvider({ secret, baseUrl, version, fetch, clock }).get();
  const call = (path: string, body?: object) => ask(new URL(path, baseUrl), token, body);
  const preferences = `/communication-preferences/${version}`;
  const info = await call('/oauth/v2/private-apps/get/access-token-info', { tokenKey: token });
  const definitions = await call(`${preferences}/definitions`);
  const record = `${preferences}/statuses/${encodeURIComponent(NOBODY)}/unsubscribe-all?channel=EMAIL`;
  const { status } = await call(record);
  const batch = await call(`${preferences}/statuses/batch/unsubscribe-all/read?channel=EMAIL`, { inputs: [NOBODY] });
  return {
    scopes: scopesIn(info),
    definitions: definitions.status,
    status,
    batch: batch.status,
    limit: readRateLimit(batch.headers),
    daily: dailyIn(batch.headers),
  };
}

/** No error of it is passed on: it could hold the URL. */
async function ask(url: URL, token: string, body: object | undefined): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method: body ? 'POST' : 'GET',
      headers: { authorization: `Bearer ${token}`, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
      redirect: 'manual',
      signal: AbortSignal.timeout(TIME_LIMIT_MS),
    });
    return { status: response.status, headers: response.headers, body: await response.text() };
  } catch {
    return { status: 0, headers: new Headers(), body: '' };
  }
}

function scopesIn({ status, body }: Answer): readonly string[] | undefined {
  if (status !== 200) return undefined;
  try {
    const { scopes }: { scopes?: unknown } = JSON.parse(body);
    return Array.isArray(scopes) ? scopes.map(String) : undefined;
  } catch {
    return undefined;
  }
}

function dailyIn(headers: Headers): Probes['daily'] {
  const [max, left] = ['daily', 'daily-remaining'].map((name) => Number(headers.get(`x-hubspot-ratelimit-${name}`)));
  return max && left !== undefined ? { max, left } : undefined;
}
