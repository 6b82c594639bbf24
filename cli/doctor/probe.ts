import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createSecretCache } from '../../functions/aws/secrets-manager.ts';
import type { Variables } from '../../functions/config/environment.ts';
import { parseCredentials } from '../../functions/config/secret-formats.ts';
import type { ApiVersion, StatusRow, SubscriptionType } from '../../functions/core/delivery/hubspot.ts';
import { laterVersions } from '../../functions/core/delivery/hubspot.ts';
import type { RateLimit } from '../../functions/core/delivery/rate-limiter.ts';
import { isObject } from '../../functions/core/payload/fields.ts';
import { parseJson } from '../../functions/core/payload/json.ts';
import { readRateLimit, readReport, readTypes } from '../../functions/hubspot/response.ts';
import { createTokenProvider } from '../../functions/hubspot/token.ts';

export type HubSpotEnvironment = Pick<Variables, 'HUBSPOT_SECRET' | 'HUBSPOT_BASE_URL' | 'HUBSPOT_API_VERSION'>;

/** HubSpot's responses to calls that change nothing. Numbers are HTTP statuses; 0 means no response. */
export interface Probes {
  /** Scopes of a private app's token, or undefined if HubSpot does not report them. */
  readonly scopes: readonly string[] | undefined;
  readonly definitions: number;
  /** The account's subscription types, or undefined if they cannot be read. */
  readonly types: readonly SubscriptionType[] | undefined;
  /** The account of a private app's token, or undefined if HubSpot does not report it. */
  readonly hubId: string | undefined;
  readonly status: number;
  /** Status of a batch read, which not every tier allows. */
  readonly batch: number;
  readonly limit: RateLimit | undefined;
  /** Absent for OAuth. */
  readonly daily: { readonly max: number; readonly left: number } | undefined;
}

/** example.com is reserved (RFC 2606). */
const PROBE_EMAIL = 'doctor@example.com';
const TIME_LIMIT_MS = 10_000;

interface ProbeResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/**
 * Makes four calls to HubSpot.
 * @throws Unavailable, Misconfigured if the token cannot be read
 */
export async function probeHubSpot(env: HubSpotEnvironment): Promise<Probes> {
  const { call, token } = await createCall(env);
  const preferences = `/communication-preferences/${env.HUBSPOT_API_VERSION}`;
  const info = await call('/oauth/v2/private-apps/get/access-token-info', { tokenKey: token });
  const tokenInfo = info.status === 200 ? parseTokenInfo(info.body) : undefined;
  const definitions = await call(`${preferences}/definitions`);
  const record = `${preferences}/statuses/${encodeURIComponent(PROBE_EMAIL)}/unsubscribe-all?channel=EMAIL`;
  const { status } = await call(record);
  const batch = await call(`${preferences}/statuses/batch/unsubscribe-all/read?channel=EMAIL`, {
    inputs: [PROBE_EMAIL],
  });
  return {
    scopes: tokenInfo?.scopes,
    definitions: definitions.status,
    types: definitions.status === 200 ? readTypes(definitions.body) : undefined,
    hubId: tokenInfo?.hubId,
    status,
    batch: batch.status,
    limit: readRateLimit(batch.headers),
    daily: dailyIn(batch.headers),
  };
}

/** The response of one API version to a read of the same status. */
export interface VersionProbe {
  readonly version: ApiVersion;
  readonly status: number;
  /** The rows, or undefined if there are none. */
  readonly rows: readonly StatusRow[] | undefined;
}

/**
 * Reads the same status with the API version in use and with each later one: one call each.
 * @throws Unavailable, Misconfigured if the token cannot be read
 */
export async function probeVersions(env: HubSpotEnvironment): Promise<readonly [VersionProbe, ...VersionProbe[]]> {
  const { call } = await createCall(env);
  const read = async (version: ApiVersion): Promise<VersionProbe> => {
    const path = `/communication-preferences/${version}/statuses/${encodeURIComponent(PROBE_EMAIL)}?channel=EMAIL`;
    const { status, body } = await call(path);
    return { version, status, rows: status === 200 ? readReport(body)?.results : undefined };
  };
  const current = env.HUBSPOT_API_VERSION;
  return [await read(current), ...(await Promise.all(laterVersions(current).map(read)))];
}

async function createCall(env: HubSpotEnvironment) {
  const { HUBSPOT_BASE_URL: baseUrl, HUBSPOT_API_VERSION: version } = env;
  const clock = () => new Date();
  const secret = createSecretCache(new SecretsManagerClient(), env.HUBSPOT_SECRET, { parse: parseCredentials, clock });
  const token = await createTokenProvider({ secret, baseUrl, version, fetch, clock }).get();
  return { call: (path: string, body?: object) => probe(new URL(path, baseUrl), token, body), token };
}

/** Discards errors, since they may contain the URL. */
async function probe(url: URL, token: string, body: object | undefined): Promise<ProbeResponse> {
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

function parseTokenInfo(body: string): { readonly hubId?: string; readonly scopes?: readonly string[] } {
  const info = parseJson(body);
  if (!isObject(info)) return {};
  const { hubId, scopes } = info;
  return {
    ...(typeof hubId === 'number' ? { hubId: String(hubId) } : {}),
    ...(Array.isArray(scopes) ? { scopes: scopes.map(String) } : {}),
  };
}

function dailyIn(headers: Headers): Probes['daily'] {
  const [max, left] = ['daily', 'daily-remaining'].map((name) => Number(headers.get(`x-hubspot-ratelimit-${name}`)));
  return max && left !== undefined ? { max, left } : undefined;
}
