import { randomBytes } from 'node:crypto';
import { expired, missingScopes, unauthenticated } from './errors.ts';

/** The accepted tokens and the scopes granted to them. */
export interface Access {
  /** Replaces all accepted and issued tokens. Ignores empty ones. */
  setTokens(tokens: readonly string[]): void;
  setScopes(scopes: readonly string[]): void;
  /** Returns the granted scopes; without the batch scopes if the account cannot have them. */
  scopes(): readonly string[];
  /** Issues an OAuth access token that is valid for half an hour. */
  issue(): string;
  /** Throws a 401 for a token that is not accepted. */
  identify(token: string): { readonly oauth: boolean };
  /** Throws a 403 unless one of these is granted. A space separates scopes that are needed together; an empty list needs none. */
  require(anyOf: readonly string[]): void;
}

export const TOKEN_LIFETIME_SECONDS = 1800;

const READ = 'communication_preferences.read';
const WRITE = 'communication_preferences.write';
const READ_WRITE = 'communication_preferences.read_write';
/** The scopes that endpoints require: any one of a list. */
export const SCOPES = {
  none: [],
  read: [READ, READ_WRITE],
  write: [WRITE, READ_WRITE],
  readAndWrite: [`${READ} ${WRITE}`, READ_WRITE],
  batchRead: ['communication_preferences.statuses.batch.read'],
  batchWrite: ['communication_preferences.statuses.batch.write'],
  contacts: ['crm.objects.contacts.read'],
} as const;
/** Only accounts with Marketing Hub Enterprise can grant these. */
const BATCH_SCOPES: readonly string[] = [...SCOPES.batchRead, ...SCOPES.batchWrite];
export const ALL_SCOPES: readonly string[] = [READ_WRITE, READ, WRITE, ...BATCH_SCOPES, ...SCOPES.contacts];

/** Returns the bearer token of the header, or an empty string. */
export const bearerOf = (authorization = ''): string => /^Bearer\s+(.*)$/i.exec(authorization)?.[1]?.trim() ?? '';

export function createAccess(hasBatch: () => boolean): Access {
  let accepted: readonly string[] = [];
  let granted: readonly string[] = ALL_SCOPES;
  const issued = new Map<string, number>();
  const scopes = () => (hasBatch() ? granted : granted.filter((scope) => !BATCH_SCOPES.includes(scope)));
  return {
    setTokens(tokens) {
      accepted = tokens.filter((token) => token !== '');
      issued.clear();
    },
    setScopes(given) {
      granted = given;
    },
    scopes,
    issue() {
      const token = randomBytes(32).toString('base64url');
      issued.set(token, Date.now() + TOKEN_LIFETIME_SECONDS * 1000);
      return token;
    },
    identify(token) {
      // A secret stored with quotes, as JSON or with a line break. HubSpot reports such a token as expired.
      if (/[\s"'`{}[\]]/.test(token)) throw expired(0);
      if (accepted.includes(token)) return { oauth: false };
      const expiresAt = issued.get(token);
      if (expiresAt === undefined) throw unauthenticated();
      if (expiresAt <= Date.now()) throw expired(expiresAt);
      return { oauth: true };
    },
    require(anyOf) {
      const held = scopes();
      const isGranted = (together: string) => together.split(' ').every((scope) => held.includes(scope));
      if (anyOf.length > 0 && !anyOf.some(isGranted)) throw missingScopes(anyOf[0]?.split(' ') ?? []);
    },
  };
}
