import { HUB_ID } from './account.ts';
import { TOKEN_LIFETIME_SECONDS } from './auth.ts';
import { HubSpotError } from './errors.ts';
import { type ApiCall, type ApiResponse, ok } from './http.ts';
import type { Portal } from './portal.ts';

/**
 * POST /oauth/{version}/token: issues an access token for a refresh token. The error body has its own values of `status`.
 * The v1 response has four fields.
 */
export function refreshAccessToken(call: ApiCall, { access, oauth }: Portal): ApiResponse {
  if (!call.contentType?.startsWith('application/x-www-form-urlencoded')) {
    throw new HubSpotError(415, 'the body must be application/x-www-form-urlencoded');
  }
  const form = new URLSearchParams(call.body);
  if (form.get('grant_type') !== 'refresh_token')
    throw rejected('unsupported_grant_type', 'BAD_GRANT_TYPE', 'grant type');
  if (form.get('client_id') !== oauth?.clientId) throw rejected('invalid_client', 'BAD_CLIENT_ID', 'client id');
  if (form.get('client_secret') !== oauth?.clientSecret) {
    throw rejected('invalid_client', 'BAD_CLIENT_SECRET', 'client secret');
  }
  if (form.get('refresh_token') !== oauth?.refreshToken) {
    throw rejected('invalid_grant', 'BAD_REFRESH_TOKEN', 'refresh token');
  }
  const issued = {
    token_type: 'bearer',
    access_token: access.issue(),
    refresh_token: oauth?.refreshToken,
    expires_in: TOKEN_LIFETIME_SECONDS,
  };
  return ok(
    call.version === 'v1' ? issued : { ...issued, hub_id: HUB_ID, scopes: access.scopes(), token_use: 'access_token' },
  );
}

function rejected(error: string, status: string, what: string): HubSpotError {
  const message = `${what} is invalid, expired or revoked`;
  return new HubSpotError(400, message, { error, error_description: message, status });
}
