import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod/mini';
import type { SecretCache } from '../aws/secrets-manager.ts';
import type { Credentials } from '../config/secret-formats.ts';
import type { ApiVersion } from '../core/delivery/hubspot.ts';
import { Unavailable } from '../core/model/errors.ts';

/** Provides the bearer token. Both methods reject with a RelayError if they cannot. */
export interface TokenProvider {
  /** Returns the current token. Reads the secret again if HubSpot issues no access token for the credentials. */
  get(): Promise<string>;
  /**
   * Reads the secret again after HubSpot rejected a token with 401. With OAuth, requests a new access token unless another one
   * has been issued since.
   */
  refresh(rejected: string): Promise<string>;
}

export interface TokenPorts {
  readonly secret: SecretCache<Credentials>;
  readonly baseUrl: URL;
  readonly version: ApiVersion;
  readonly fetch: typeof fetch;
  readonly clock: () => Date;
}

/** Provides the static token in the secret, or an OAuth access token that is renewed a minute before it expires. */
export function createTokenProvider(ports: TokenPorts): TokenProvider {
  let current: { readonly refreshToken: string; readonly access: Promise<AccessToken> } | undefined;
  const request = (oauth: OAuth): Promise<AccessToken> => {
    const requested = { refreshToken: oauth.refreshToken, access: requestAccessToken(oauth, ports) };
    current = requested;
    requested.access.catch(() => {
      if (current === requested) current = undefined;
    });
    return requested.access;
  };
  const tokenFor = async (credentials: Credentials, rejected?: string): Promise<string> => {
    if ('token' in credentials) return credentials.token;
    const { oauth } = credentials;
    const cached = current?.refreshToken === oauth.refreshToken ? await current.access : undefined;
    const isUsable = cached && cached.renewAtMs > ports.clock().getTime() && cached.token !== rejected;
    return isUsable ? cached.token : (await request(oauth)).token;
  };
  return {
    async get() {
      const credentials = await ports.secret.get();
      try {
        return await tokenFor(credentials);
      } catch (error) {
        // The credentials may have been rotated.
        const fresh = await ports.secret.refresh();
        if (isDeepStrictEqual(fresh, credentials)) throw error;
        return tokenFor(fresh);
      }
    },
    refresh: async (rejected) => tokenFor(await ports.secret.refresh(), rejected),
  };
}

interface AccessToken {
  readonly token: string;
  readonly renewAtMs: number;
}

/** v4 uses v3 of the token endpoint. HubSpot ends `/oauth/v1/token` in February 2027. */
const TOKEN_PATHS: Readonly<Record<ApiVersion, string>> = {
  v4: '/oauth/v3/token',
  '2026-03': '/oauth/2026-03/token',
  '2026-09': '/oauth/2026-09/token',
};

const TIMEOUT_MS = 5_000;
const RENEW_BEFORE_SECONDS = 60;
const grant = z.object({ access_token: z.string(), expires_in: z.number() });

type OAuth = Extract<Credentials, { oauth: unknown }>['oauth'];

/**
 * Requests an access token with the refresh_token grant.
 * @throws {Unavailable}
 * @see https://developers.hubspot.com/docs/api-reference/auth-oauth-v1/tokens
 */
async function requestAccessToken(
  { clientId, clientSecret, refreshToken }: OAuth,
  { baseUrl, version, fetch, clock }: TokenPorts,
): Promise<AccessToken> {
  const client = { client_id: clientId, client_secret: clientSecret };
  const body = new URLSearchParams({ grant_type: 'refresh_token', ...client, refresh_token: refreshToken });
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const url = new URL(TOKEN_PATHS[version], baseUrl);
  const granted = await fetch(url, { method: 'POST', body, signal, redirect: 'manual' })
    .then(async (response) => (response.ok ? z.safeParse(grant, await response.json()) : undefined))
    .catch(() => undefined);
  if (!granted?.success) throw new Unavailable('HubSpot issued no access token for the refresh token');
  const { access_token: token, expires_in: seconds } = granted.data;
  return { token, renewAtMs: clock().getTime() + (seconds - RENEW_BEFORE_SECONDS) * 1000 };
}
