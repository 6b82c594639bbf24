import { type Access, ALL_SCOPES, guardAccess } from './auth.ts';
import { type Faults, planFaults } from './faults.ts';
import { countCalls, type Limits } from './limits.ts';
import { keepRequests, type RequestLog } from './request-log.ts';
import { createStore, type Store } from './store.ts';

/** The OAuth client that the token endpoints know. */
export interface OAuthClient {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
}

/** The simulated account: everything the endpoints read and change. */
export interface Portal {
  readonly store: Store;
  readonly access: Access;
  readonly limits: Limits;
  readonly faults: Faults;
  readonly requests: RequestLog;
  /** Changes when its secret does. */
  oauth: OAuthClient | undefined;
}

/** A request, read to its end. */
export interface Exchange {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly target: string;
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  readonly body: string;
  /** ISO 8601, when it arrived. */
  readonly at: string;
  readonly correlationId: string;
}

/** An exchange at the endpoint it is for. */
export interface Call extends Exchange {
  readonly query: URLSearchParams;
  /** What the path's placeholders stand for, percent-decoded; an absent one is empty. */
  readonly id: string;
  readonly version: string;
}

/** What an exchange is answered with. A string body is sent as it is. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export const ok = (body: unknown): Answer => ({ status: 200, body });

/** Opens an account with its data in a folder, or in memory when there is none. */
export function createPortal(dir: string | undefined, oauth: OAuthClient | undefined): Portal {
  return {
    store: createStore(dir),
    access: guardAccess(),
    limits: countCalls(),
    faults: planFaults(),
    requests: keepRequests(),
    oauth,
  };
}

/** Forgets everything but the tokens. */
export function resetPortal({ store, access, limits, faults, requests }: Portal): void {
  store.clear();
  access.setScopes(ALL_SCOPES);
  limits.reset();
  faults.clear();
  requests.clear();
}
