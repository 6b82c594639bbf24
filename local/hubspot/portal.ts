import { type Access, ALL_SCOPES, createAccess } from './auth.ts';
import { createFaults, type Faults } from './faults.ts';
import { createLimits, type Limits } from './limits.ts';
import { createRequestLog, type RequestLog } from './request-log.ts';
import { createStore, type Store } from './store.ts';

/** The OAuth client that the token endpoints accept. */
export interface OAuthClient {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
}

/** The simulated HubSpot account: everything that the endpoints read and change. */
export interface Portal {
  readonly store: Store;
  readonly access: Access;
  readonly limits: Limits;
  readonly faults: Faults;
  readonly requests: RequestLog;
  /** Replaced by `POST /_sim/tokens`. */
  oauth: OAuthClient | undefined;
}

/** Creates an account with its data in a folder, or in memory without one. */
export function createPortal(dir: string | undefined, oauth: OAuthClient | undefined): Portal {
  return {
    store: createStore(dir),
    access: createAccess(),
    limits: createLimits(),
    faults: createFaults(),
    requests: createRequestLog(),
    oauth,
  };
}

/** Resets everything except the tokens. */
export function resetPortal({ store, access, limits, faults, requests }: Portal): void {
  store.clear();
  access.setScopes(ALL_SCOPES);
  limits.reset();
  faults.clear();
  requests.clear();
}
