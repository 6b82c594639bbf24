import * as z from 'zod/mini';
import { ALL_SCOPES } from './auth.ts';
import { putPerson, showPerson } from './control-contacts.ts';
import { HubSpotError } from './errors.ts';
import type { ApiRequest, ApiResponse } from './http.ts';
import { InvalidBody, readJson, whole } from './json.ts';
import { type Portal, resetPortal } from './portal.ts';
import { changeSettings } from './settings.ts';

const oauthClient = z.strictObject({ clientId: z.string(), clientSecret: z.string(), refreshToken: z.string() });
/** Without `scopes`, all are granted; without `oauth`, the client stays the same. */
const tokenChange = z.strictObject({
  tokens: z.array(z.string()),
  scopes: z.nullish(z.array(z.string())),
  oauth: z.nullish(oauthClient),
});
const limitChange = z.strictObject({ per10Seconds: z.nullish(whole()), daily: z.nullish(whole()) });

type Control = (portal: Portal, request: ApiRequest, email: string) => unknown;

const CONTACT = /^\/_sim\/contacts\/([^/]+)$/;
const CONTROLS: readonly (readonly [method: string, path: RegExp, control: Control])[] = [
  ['GET', CONTACT, ({ store, settings }, _, email) => showPerson(store.find(email), settings)],
  ['PUT', CONTACT, (portal, { body, at }, email) => putPerson(portal, email, { json: body || '{}', at })],
  ['GET', /^\/_sim\/contacts$/, ({ store, settings }) => store.all().map((person) => showPerson(person, settings))],
  ['GET', /^\/_sim\/requests$/, ({ requests }) => requests.all()],
  ['GET', /^\/_sim\/faults$/, ({ faults }) => faults.left()],
  ['POST', /^\/_sim\/faults$/, planFaults],
  ['POST', /^\/_sim\/tokens$/, setTokens],
  ['GET', /^\/_sim\/limits$/, showLimits],
  ['POST', /^\/_sim\/limits$/, setLimits],
  ['GET', /^\/_sim\/portal$/, ({ settings }) => settings],
  ['POST', /^\/_sim\/portal$/, setPortal],
  ['POST', /^\/_sim\/reset$/, reset],
];

/** Returns true for the simulator's own paths. HubSpot has none below `/_sim`. */
export const isControlPath = (target: string): boolean => /^\/_sim(?:[/?]|$)/.test(target);

/** Handles a request to the simulator itself. Responds with 200 and indented JSON, or with 400 and the reason. */
export function handleControl(request: ApiRequest, portal: Portal): ApiResponse {
  const headers = { 'Content-Type': 'application/json;charset=utf-8', 'Cache-Control': 'no-store' };
  try {
    const { status, body } = run(request, portal);
    return { status, body: `${JSON.stringify(body, null, 2)}\n`, headers };
  } catch (error) {
    if (!(error instanceof InvalidBody || error instanceof HubSpotError)) throw error;
    return { status: 400, body: { error: error.message }, headers };
  }
}

function run(request: ApiRequest, portal: Portal): ApiResponse {
  const path = request.target.replace(/\?.*$/, '');
  const onPath = CONTROLS.filter(([, pattern]) => pattern.test(path));
  const found = onPath.find(([method]) => method === request.method);
  if (found === undefined) {
    const status = onPath.length === 0 ? 404 : 405;
    return { status, body: { error: `the simulator has no ${request.method} ${path}` } };
  }
  const [, pattern, control] = found;
  return { status: 200, body: control(portal, request, decodeEmail(pattern.exec(path)?.[1] ?? '')) };
}

function planFaults({ faults }: Portal, { body }: ApiRequest) {
  faults.plan(body);
  return faults.left();
}

function setTokens(portal: Portal, { body }: ApiRequest) {
  const { access } = portal;
  const { tokens, scopes, oauth } = readJson(body, tokenChange);
  access.setTokens(tokens);
  portal.oauth = oauth ?? portal.oauth;
  access.setScopes(scopes ?? ALL_SCOPES);
  return { tokens, scopes: access.scopes() };
}

function setLimits({ limits }: Portal, { body }: ApiRequest) {
  return limits.set(readJson(body, limitChange));
}

/** Shows the limits, the calls made today and when the next day starts in the account's time zone. */
function showLimits({ limits }: Portal) {
  const { used, resetsAt } = limits.today();
  return { ...limits.set({}), usedToday: used, resetsAt };
}

function setPortal(portal: Portal, { body }: ApiRequest) {
  portal.settings = changeSettings(portal.settings, body);
  return portal.settings;
}

function reset(portal: Portal) {
  resetPortal(portal);
  return { reset: true };
}

function decodeEmail(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new InvalidBody('the address in the path is not percent-encoded correctly');
  }
}
