/**
 * An error response of HubSpot.
 * @see https://developers.hubspot.com/docs/api-reference/error-handling
 */
export class HubSpotError extends Error {
  override readonly name = 'HubSpotError';
  readonly status: number;
  /** More fields of the body. May replace `status`, which is "error" otherwise. */
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(status: number, message: string, fields: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.status = status;
    this.fields = fields;
  }
}

/** Returns the JSON body of an error. */
export function errorBody(error: HubSpotError, correlationId: string): Readonly<Record<string, unknown>> {
  return { status: 'error', message: error.message, correlationId, ...error.fields };
}

/** 400: the request is not valid. */
export const invalid = (message: string) => new HubSpotError(400, message, { category: 'VALIDATION_ERROR' });

/** 404: no contact has this id. HubSpot sends no category for a number. */
export const noSuchContact = (id: string) =>
  /^\d+$/.test(id)
    ? new HubSpotError(404, 'resource not found')
    : new HubSpotError(404, 'Object not found.  objectId are usually numeric.', {
        context: { id: [id] },
        category: 'OBJECT_NOT_FOUND',
      });

/** An unknown path (404) or method (405). HubSpot responds to it with a web page, not with its JSON errors. */
export class NoSuchRoute extends Error {
  override readonly name = 'NoSuchRoute';
  readonly status: 404 | 405;

  constructor(status: 404 | 405) {
    super(`${status} ${status === 404 ? 'Not Found' : 'Method Not Allowed'}`);
    this.status = status;
  }
}

/** Returns the response to an unknown path or method. */
export const errorPage = ({ status, message }: NoSuchRoute) => ({
  status,
  headers: { 'Content-Type': 'text/html;charset=utf-8' },
  body: `<html><head><title>Error ${message}</title></head><body><h2>HTTP ERROR ${status}</h2></body></html>`,
});

/** 401: no bearer token or an unknown one. */
export const unauthenticated = () =>
  new HubSpotError(
    401,
    'Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview',
    { category: 'INVALID_AUTHENTICATION' },
  );

/** 401: an expired token. `atMs` is in milliseconds since 1970; HubSpot reports 0 for a malformed token. */
export function expired(atMs: number): HubSpotError {
  const seconds = Math.floor((Date.now() - atMs) / 1000);
  const ago = seconds < 86_400 ? `${seconds} second(s)` : `${Math.floor(seconds / 86_400)} day(s)`;
  return new HubSpotError(401, `The OAuth token used to make this call expired ${ago} ago.`, {
    category: 'EXPIRED_AUTHENTICATION',
    context: { 'expire time': [new Date(atMs).toISOString().replace('.000', '')] },
  });
}

/** 403: the token lacks a scope. */
export const missingScopes = (required: readonly string[]) =>
  new HubSpotError(403, "This app hasn't been granted all required scopes to make this call.", {
    category: 'MISSING_SCOPES',
    errors: [{ message: 'A required scope is missing.', context: { requiredGranularScopes: required } }],
  });

/** 429. The body has no `category`; after a spent daily limit it has no `groupName`. */
export const rateLimited = (policyName: 'TEN_SECONDLY_ROLLING' | 'DAILY') =>
  new HubSpotError(429, `You have reached your ${policyName.toLowerCase()} limit.`, {
    errorType: 'RATE_LIMIT',
    policyName,
    ...(policyName !== 'DAILY' && { groupName: 'publicapi:private-app-api-calls-ten-secondly:1' }),
  });

const USUAL: Readonly<Record<number, () => HubSpotError>> = {
  400: () => invalid('Invalid input'),
  401: unauthenticated,
  403: () => missingScopes(['communication_preferences.write']),
  404: () => new HubSpotError(404, 'resource not found', { category: 'OBJECT_NOT_FOUND' }),
  429: () => rateLimited('TEN_SECONDLY_ROLLING'),
};

/** Returns the error that HubSpot most likely sends with a status. */
export const usualError = (status: number): HubSpotError =>
  USUAL[status]?.() ?? new HubSpotError(status, `The request failed with ${status}.`);
