import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod/mini';
import type { SecretCache } from '../aws/secrets-manager.ts';
import type { Credentials } from '../config/secret-formats.ts';
import type { ApiVersion } from '../core/delivery/hubspot.ts';
import { Unavailable } from '../core/model/errors.ts';

/** The bearer token of the moment. */
export interface TokenProvider {
  /** Where HubSpot gives none for the credentials we have, the secret is read again. */
  get(): Promise<string>;
  /** After a 401 to `rejected`: the secret read again, and with OAuth a new access token, unless there is one by now. */
  refresh(rejected: string): Promise<string>;
}

export interface TokenPorts {
  readonly secret: SecretCache<Credentials>;
  readonly baseUrl: URL;
  readonly version: ApiVersion;
  readonly fetch: typeof fetch;
  readonly clock: () => Date;
}

/** A static token as it stands in the secret, or an OAuth access token that is renewed a minute before it ends. */
export function createTokenProvider(through: TokenPorts): TokenProvider {
  let access: { readonly refreshToken: string; readonly grant: Promise<Grant> } | undefined;
  const request = (oauth: OAuth): Promise<Grant> => {
    const grant = requestAccess(oauth, through);
    const mine = { refreshToken: oauth.refreshToken, grant };
    access = mine;
    grant.catch(() => {
      if (access === mine) access = undefined;
    });
    return grant;
  };
  const tokenFrom = async (credentials: Credentials, rejected?: string): Promise<string> => {
    if ('token' in credentials) return credentials.token;
    const { oauth } = credentials;
    const known = access?.refreshToken === oauth.refreshToken ? await access.grant : undefined;
    const isUsable = known && known.untilMs > through.clock().getTime() && known.token !== rejected;
    return isUsable ? known.token : (await request(oauth)).token;
  };
  return {
    async get() {
      const credentials = await through.secret.get();
      try {
        return await tokenFrom(credentials);
      } catch (error) {
        // They may have been rotated, and HubSpot knows the old ones no longer.
        const current = await through.secret.refresh();
        if (isDeepStrictEqual(current, credentials)) throw error;
        return tokenFrom(current);
      }
    },
    refresh: async (rejected) => tokenFrom(await through.secret.refresh(), rejected),
  };
}

interface Grant {
  readonly token: string;
  readonly untilMs: number;
}

/** v4 has no token endpoint of its own; `/oauth/v1/token` ends in February 2027. */
const TOKEN_PATHS: Readonly<Record<ApiVersion, string>> = {
  v4: '/oauth/v3/token',
  '2026-03': '/oauth/2026-03/token',
  '2026-09': '/oauth/2026-09/token',
};

const TIME_LIMIT_MS = 5_000;
const RENEW_BEFORE_SECONDS = 60;
const granted = z.object({ access_token: z.string(), expires_in: z.number() });

type OAuth = Extract<Credentials, { oauth: unknown }>['oauth'];

/** https://developers.hubspot.com/docs/api-reference/auth-oauth-v1/tokens: the refresh_token grant. */
async function requestAccess({ clientId, clientSecret, refreshToken }: OAuth, through: TokenPorts): Promise<Grant> {
  const form = { grant_type: 'refresh_token', client_id: clientId, client_secret: clientSecret };
  const body = new URLSearchParams({ ...form, refresh_token: refreshToken });
  const signal = AbortSignal.timeout(TIME_LIMIT_MS);
  const url = new URL(TOKEN_PATHS[through.version], through.baseUrl);
  const read = await through
    .fetch(url, { method: 'POST', body, signal, redirect: 'manual' })
    .then(async (response) => (response.ok ? z.safeParse(granted, await response.json()) : undefined))
    .catch(() => undefined);
  if (!read?.success) throw new Unavailable('HubSpot gave no access token for the refresh token');
  const { access_token: token, expires_in: seconds } = read.data;
  return { token, untilMs: through.clock().getTime() + (seconds - RENEW_BEFORE_SECONDS) * 1000 };
}
