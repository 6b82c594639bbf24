import { type Access, ALL_SCOPES, createAccess } from './auth.ts';
import { createFaults, type Faults } from './faults.ts';
import { createLag, type Lag } from './lag.ts';
import { createLimits, type Limits } from './limits.ts';
import { createRequestLog, type RequestLog } from './request-log.ts';
import { DEFAULT_SETTINGS, type Settings, withAccount } from './settings.ts';
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
  readonly lag: Lag;
  /** Replaced by `POST /_sim/tokens`. */
  oauth: OAuthClient | undefined;
  /** Replaced by `POST /_sim/portal`. */
  settings: Settings;
  resetSettings(): void;
}

/** Creates an account with its data in a folder, or in memory without one. `brands`: its business units other than 0. */
export function createPortal(
  dir: string | undefined,
  oauth: OAuthClient | undefined,
  brands: readonly number[] = [],
): Portal {
  const initial = { ...DEFAULT_SETTINGS, brands: withAccount(brands) };
  let settings = initial;
  return {
    store: createStore(dir),
    access: createAccess(() => settings.batch),
    limits: createLimits(() => settings.timeZone),
    faults: createFaults(),
    requests: createRequestLog(),
    lag: createLag(() => settings.lagMs),
    oauth,
    resetSettings() {
      settings = initial;
    },
    get settings() {
      return settings;
    },
    set settings(changed) {
      settings = changed;
    },
  };
}

/** Resets everything except the tokens. */
export function resetPortal(portal: Portal): void {
  const { store, access, limits, faults, requests, lag } = portal;
  portal.resetSettings();
  store.clear();
  access.setScopes(ALL_SCOPES);
  limits.reset();
  faults.clear();
  requests.clear();
  lag.clear();
}
