import { readContact, readTokenInfo, readUsage } from './account.ts';
import { bearerOf, SCOPES } from './auth.ts';
import { readStatusesOfMany, readUnsubscribeAllOfMany, unsubscribeAllOfMany, writeStatuses } from './batch.ts';
import {
  generateLinks,
  readDefinitions,
  readStatuses,
  readUnsubscribeAll,
  unsubscribeAll,
  writeStatus,
} from './communication-preferences.ts';
import { errorBody, errorPage, HubSpotError, invalid, NoSuchRoute } from './errors.ts';
import type { ApiCall, ApiRequest, ApiResponse } from './http.ts';
import { InvalidBody } from './json.ts';
import { refreshAccessToken } from './oauth.ts';
import type { Portal } from './portal.ts';

type Endpoint = (call: ApiCall, portal: Portal) => ApiResponse;
/** `open`: authenticated by the body, and not counted against the limits. */
type Row = readonly [method: string, template: string, scopes: readonly string[] | 'open', endpoint: Endpoint];
interface Route {
  readonly method: string;
  readonly path: RegExp;
  readonly scopes: readonly string[] | 'open';
  readonly endpoint: Endpoint;
}

const PREFERENCES = '/communication-preferences/{v4|2026-03|2026-09}';
const STATUSES = `${PREFERENCES}/statuses`;

/** Literal segments come before placeholders: an address "batch" reaches the batch endpoints, as in HubSpot. */
const ROWS: readonly Row[] = [
  ['POST', `${STATUSES}/batch/unsubscribe-all/read`, SCOPES.batchRead, readUnsubscribeAllOfMany],
  ['POST', `${STATUSES}/batch/unsubscribe-all`, SCOPES.batchWrite, unsubscribeAllOfMany],
  ['POST', `${STATUSES}/batch/read`, SCOPES.batchRead, readStatusesOfMany],
  ['POST', `${STATUSES}/batch/write`, SCOPES.batchWrite, writeStatuses],
  ['POST', `${STATUSES}/:id/unsubscribe-all`, SCOPES.write, unsubscribeAll],
  ['GET', `${STATUSES}/:id/unsubscribe-all`, SCOPES.read, readUnsubscribeAll],
  ['GET', `${STATUSES}/:id`, SCOPES.read, readStatuses],
  ['POST', `${STATUSES}/:id`, SCOPES.write, writeStatus],
  ['GET', `${PREFERENCES}/definitions`, SCOPES.read, readDefinitions],
  ['POST', `${PREFERENCES}/links/generate`, SCOPES.readAndWrite, generateLinks],
  ['GET', '/crm/{v3}/objects/contacts/:id', SCOPES.contacts, readContact],
  ['GET', '/crm/objects/{2026-03|2026-09}/contacts/:id', SCOPES.contacts, readContact],
  ['GET', '/account-info/{v3|2026-03|2026-09}/api-usage/daily/private-apps', SCOPES.none, readUsage],
  ['POST', '/oauth/v2/private-apps/get/access-token-info', 'open', readTokenInfo],
  ['POST', '/oauth/{v1|v3|2026-03|2026-09}/token', 'open', refreshAccessToken],
];
const ROUTES = ROWS.map(toRoute);

/** Handles an API request as HubSpot would, including the headers of HubSpot's responses. */
export function handleApi(request: ApiRequest, portal: Portal): ApiResponse {
  const { correlationId } = request;
  let oauth = false;
  const response = orError(correlationId, () => {
    const { route: found, call } = locate(request);
    if (found.scopes !== 'open') {
      oauth = portal.access.identify(bearerOf(request.authorization)).oauth;
      portal.limits.take(oauth);
      portal.access.require(found.scopes);
    }
    return found.endpoint(call, portal);
  });
  return { ...response, headers: { ...apiHeaders(correlationId, portal, oauth), ...response.headers } };
}

/** The headers of every API response. */
export function apiHeaders(correlationId: string, { limits }: Portal, oauth = false): Readonly<Record<string, string>> {
  return {
    'Content-Type': 'application/json;charset=utf-8',
    'X-HubSpot-Correlation-Id': correlationId,
    ...limits.headers(oauth),
  };
}

function orError(correlationId: string, handle: () => ApiResponse): ApiResponse {
  try {
    return handle();
  } catch (error) {
    if (error instanceof NoSuchRoute) return errorPage(error);
    const known = error instanceof InvalidBody ? invalid(error.message) : error;
    if (!(known instanceof HubSpotError)) throw error;
    return { status: known.status, body: errorBody(known, correlationId) };
  }
}

function locate(request: ApiRequest): { route: Route; call: ApiCall } {
  const url = URL.parse(`http://hubspot${request.target}`);
  if (url === null) throw invalid('the path is not valid');
  const onPath = ROUTES.filter(({ path }) => path.test(url.pathname));
  const found = onPath.find(({ method }) => method === request.method);
  if (found === undefined) throw new NoSuchRoute(onPath.length === 0 ? 404 : 405);
  const { version = '', id = '' } = found.path.exec(url.pathname)?.groups ?? {};
  return { route: found, call: { ...request, query: url.searchParams, version, id: decodeSegment(id) } };
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw invalid('the path is not valid');
  }
}

function toRoute([method, template, scopes, endpoint]: Row): Route {
  const pattern = template.replace(/\{(.+)\}/, '(?<version>$1)').replace(':id', '(?<id>[^/]+)');
  return { method, path: new RegExp(`^${pattern}$`), scopes, endpoint };
}
