import * as z from 'zod/mini';
import { Unavailable } from '../core/errors.ts';
import type { ApiVersion } from '../core/hubspot.ts';
import type { Credentials, Secret } from './secrets.ts';

/** The bearer token of the moment. */
export interface Token {
  get(): Promise<string>;
  /** After a 401: the secret read again, and with OAuth a new access token. */
  refresh(): Promise<string>;
}

export interface TokenPorts {
  readonly secret: Secret<Credentials>;
  readonly baseUrl: URL;
  readonly version: ApiVersion;
  readonly fetch: typeof fetch;
  readonly clock: () => Date;
}

/** A static token as it stands in the secret, or an OAuth access token that is renewed a minute before it ends. */
export function openToken(through: TokenPorts): Token {
  let access: { readonly token: string; readonly refreshToken: string; readonly untilMs: number } | undefined;
  const tokenFrom = async (credentials: Credentials, isRenewal: boolean): Promise<string> => {
    if ('token' in credentials) return credentials.token;
    const { refreshToken } = credentials.oauth;
    const isUsable = access?.refreshToken === refreshToken && access.untilMs > through.clock().getTime();
    if (isRenewal || !access || !isUsable)
      access = { refreshToken, ...(await requestAccess(credentials.oauth, through)) };
    return access.token;
  };
  return {
    get: async () => tokenFrom(await through.secret.get(), false),
    refresh: async () => tokenFrom(await through.secret.refresh(), true),
  };
}

/** v4 has no token endpoint of its own; `/oauth/v1/token` ends in February 2027. */
const TOKEN_PATHS: Readonly<Record<ApiVersion, string>> = {
  v4: '/oauth/v3/token',
  '2026-03': '/oauth/2026-03/token',
  '2026-09': '/oauth/2026-09/token',
};

const TIME_LIMIT_MS = 5_000;
const RENEW_BEFORE_SECONDS = 60;
const grant = z.object({ access_token: z.string(), expires_in: z.number() });

type OAuth = Extract<Credentials, { oauth: unknown }>['oauth'];

/** https://developers.hubspot.com/docs/api-reference/auth-oauth-v1/tokens: the refresh_token grant. */
async function requestAccess({ clientId, clientSecret, refreshToken }: OAuth, through: TokenPorts) {
  const form = { grant_type: 'refresh_token', client_id: clientId, client_secret: clientSecret };
  const body = new URLSearchParams({ ...form, refresh_token: refreshToken });
  const signal = AbortSignal.timeout(TIME_LIMIT_MS);
  const url = new URL(TOKEN_PATHS[through.version], through.baseUrl);
  const read = await through
    .fetch(url, { method: 'POST', body, signal, redirect: 'manual' })
    .then(async (response) => (response.ok ? z.safeParse(grant, await response.json()) : undefined))
    .catch(() => undefined);
  if (!read?.success) throw new Unavailable('HubSpot gave no access token for the refresh token');
  const { access_token: token, expires_in: seconds } = read.data;
  return { token, untilMs: through.clock().getTime() + (seconds - RENEW_BEFORE_SECONDS) * 1000 };
}
