import { ALL_SCOPES } from './auth.ts';
import { putPerson, showPerson } from './control-contacts.ts';
import { HubSpotError } from './errors.ts';
import { type Answer, type Exchange, type Portal, resetPortal } from './portal.ts';
import { listOf, objectOf, optional, readJson, text, WrongShape, whole } from './shape.ts';

const OAUTH = objectOf({ clientId: text, clientSecret: text, refreshToken: text });
/** What is left out stays, but for the scopes, which are all again. */
const TOKENS = objectOf({ tokens: listOf(text), scopes: optional(listOf(text)), oauth: optional(OAUTH) });
const LIMITS = objectOf({ per10Seconds: optional(whole()), daily: optional(whole()) });

type Control = (portal: Portal, exchange: Exchange, email: string) => unknown;

const CONTACT = /^\/_sim\/contacts\/([^/]+)$/;
const CONTROLS: readonly (readonly [method: string, path: RegExp, control: Control])[] = [
  ['GET', CONTACT, ({ store }, _, email) => showPerson(store.find(email))],
  ['PUT', CONTACT, ({ store }, { body, at }, email) => putPerson(store, email, { json: body || '{}', at })],
  ['GET', /^\/_sim\/contacts$/, ({ store }) => store.all().map(showPerson)],
  ['GET', /^\/_sim\/requests$/, ({ requests }) => requests.all()],
  ['GET', /^\/_sim\/faults$/, ({ faults }) => faults.left()],
  ['POST', /^\/_sim\/faults$/, planFaults],
  ['POST', /^\/_sim\/tokens$/, setTokens],
  ['POST', /^\/_sim\/limits$/, setLimits],
  ['POST', /^\/_sim\/reset$/, reset],
];

/** The simulator's own paths are under this one; HubSpot has nothing there. */
export const isControl = (target: string): boolean => /^\/_sim(?:[/?]|$)/.test(target);

/** Answers a request to the simulator itself: 200 and JSON laid out for a reader, or 400 and why. */
export function answerControl(exchange: Exchange, portal: Portal): Answer {
  const headers = { 'Content-Type': 'application/json;charset=utf-8', 'Cache-Control': 'no-store' };
  try {
    const { status, body } = run(exchange, portal);
    return { status, body: `${JSON.stringify(body, null, 2)}\n`, headers };
  } catch (error) {
    if (!(error instanceof WrongShape || error instanceof HubSpotError)) throw error;
    return { status: 400, body: { error: error.message }, headers };
  }
}

function run(exchange: Exchange, portal: Portal): Answer {
  const path = exchange.target.replace(/\?.*$/, '');
  const onPath = CONTROLS.filter(([, pattern]) => pattern.test(path));
  const found = onPath.find(([method]) => method === exchange.method);
  if (found === undefined) {
    const status = onPath.length === 0 ? 404 : 405;
    return { status, body: { error: `the simulator has no ${exchange.method} ${path}` } };
  }
  const [, pattern, control] = found;
  return { status: 200, body: control(portal, exchange, decodeEmail(pattern.exec(path)?.[1] ?? '')) };
}

function planFaults({ faults }: Portal, { body }: Exchange) {
  faults.plan(body);
  return faults.left();
}

function setTokens(portal: Portal, { body }: Exchange) {
  const { access } = portal;
  const { tokens, scopes, oauth } = readJson(body, TOKENS);
  access.setTokens(tokens);
  portal.oauth = oauth ?? portal.oauth;
  access.setScopes(scopes ?? ALL_SCOPES);
  return { tokens, scopes: access.scopes() };
}

function setLimits({ limits }: Portal, { body }: Exchange) {
  return limits.set(readJson(body, LIMITS));
}

function reset(portal: Portal) {
  resetPortal(portal);
  return { reset: true };
}

function decodeEmail(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new WrongShape('the address in the path cannot be read');
  }
}
