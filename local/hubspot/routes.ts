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
import { errorBody, HubSpotError, invalid, notFound } from './errors.ts';
import { refreshAccessToken } from './oauth.ts';
import type { Answer, Call, Exchange, Portal } from './portal.ts';
import { WrongShape } from './shape.ts';

type Endpoint = (call: Call, portal: Portal) => Answer;
/** `open`: who calls is proven by the body, and the call counts for nothing. */
type Row = readonly [method: string, template: string, scopes: readonly string[] | 'open', endpoint: Endpoint];
interface Route {
  readonly method: string;
  readonly path: RegExp;
  readonly scopes: readonly string[] | 'open';
  readonly endpoint: Endpoint;
}

const PREFERENCES = '/communication-preferences/{v4|2026-03|2026-09}';
const STATUSES = `${PREFERENCES}/statuses`;

/** Literal segments before placeholders: an address named "batch" reaches the batch endpoints, as it does in HubSpot. */
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

/** Answers an API request as HubSpot would, with the headers HubSpot's answers have. */
export function answerApi(exchange: Exchange, portal: Portal): Answer {
  const { correlationId } = exchange;
  let oauth = false;
  const answer = orError(correlationId, () => {
    const { route: found, call } = locate(exchange);
    if (found.scopes !== 'open') {
      oauth = portal.access.identify(bearerOf(exchange.authorization)).oauth;
      portal.limits.take(oauth);
      portal.access.require(found.scopes);
    }
    return found.endpoint(call, portal);
  });
  return { ...answer, headers: apiHeaders(correlationId, portal, oauth) };
}

/** The headers of every API answer. */
export function apiHeaders(correlationId: string, { limits }: Portal, oauth = false): Readonly<Record<string, string>> {
  return {
    'Content-Type': 'application/json;charset=utf-8',
    'X-HubSpot-Correlation-Id': correlationId,
    ...limits.headers(oauth),
  };
}

function orError(correlationId: string, answer: () => Answer): Answer {
  try {
    return answer();
  } catch (error) {
    const known = error instanceof WrongShape ? invalid(error.message) : error;
    if (!(known instanceof HubSpotError)) throw error;
    return { status: known.status, body: errorBody(known, correlationId) };
  }
}

function locate(exchange: Exchange): { route: Route; call: Call } {
  const url = URL.parse(`http://hubspot${exchange.target}`);
  if (url === null) throw invalid('the path cannot be read');
  const onPath = ROUTES.filter(({ path }) => path.test(url.pathname));
  const found = onPath.find(({ method }) => method === exchange.method);
  if (onPath.length === 0) throw notFound();
  if (found === undefined) throw new HubSpotError(405, 'HTTP 405 Method Not Allowed');
  const { version = '', id = '' } = found.path.exec(url.pathname)?.groups ?? {};
  return { route: found, call: { ...exchange, query: url.searchParams, version, id: decodeSegment(id) } };
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw invalid('the path cannot be read');
  }
}

function toRoute([method, template, scopes, endpoint]: Row): Route {
  const pattern = template.replace(/\{(.+)\}/, '(?<version>$1)').replace(':id', '(?<id>[^/]+)');
  return { method, path: new RegExp(`^${pattern}$`), scopes, endpoint };
}
