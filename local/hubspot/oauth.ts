import { HUB_ID } from './account.ts';
import { TOKEN_LIFE_SECONDS } from './auth.ts';
import { HubSpotError } from './errors.ts';
import { type Answer, type Call, ok, type Portal } from './portal.ts';

/**
 * POST /oauth/{version}/token: a new access token for a refresh token. In these errors `status` is a word of its own.
 * v1 answers with four fields.
 */
export function refreshAccessToken(call: Call, { access, oauth }: Portal): Answer {
  if (!call.contentType?.startsWith('application/x-www-form-urlencoded')) {
    throw new HubSpotError(415, 'the body must be application/x-www-form-urlencoded');
  }
  const form = new URLSearchParams(call.body);
  if (form.get('grant_type') !== 'refresh_token')
    throw refused('unsupported_grant_type', 'BAD_GRANT_TYPE', 'grant type');
  if (form.get('client_id') !== oauth?.clientId) throw refused('invalid_client', 'BAD_CLIENT_ID', 'client id');
  if (form.get('client_secret') !== oauth?.clientSecret) {
    throw refused('invalid_client', 'BAD_CLIENT_SECRET', 'client secret');
  }
  if (form.get('refresh_token') !== oauth?.refreshToken) {
    throw refused('invalid_grant', 'BAD_REFRESH_TOKEN', 'refresh token');
  }
  const answer = {
    token_type: 'bearer',
    access_token: access.issue(),
    refresh_token: oauth?.refreshToken,
    expires_in: TOKEN_LIFE_SECONDS,
  };
  return ok(
    call.version === 'v1' ? answer : { ...answer, hub_id: HUB_ID, scopes: access.scopes(), token_use: 'access_token' },
  );
}

function refused(error: string, status: string, what: string): HubSpotError {
  const message = `${what} is invalid, expired or revoked`;
  return new HubSpotError(400, message, { error, error_description: message, status });
}
