import { randomBytes } from 'node:crypto';
import { expired, missingScopes, unauthenticated } from './errors.ts';

/** Who may call, and what for. */
export interface Access {
  /** From now on these are accepted, and nothing that was accepted or issued before. A blank one never is. */
  setTokens(tokens: readonly string[]): void;
  setScopes(scopes: readonly string[]): void;
  scopes(): readonly string[];
  /** An access token of the OAuth kind, good for half an hour. */
  issue(): string;
  /** Throws the 401. */
  identify(token: string): { readonly oauth: boolean };
  /** One of these must be granted; one with a space in it is several scopes. An empty list asks for nothing. Throws the 403. */
  require(anyOf: readonly string[]): void;
}

export const TOKEN_LIFE_SECONDS = 1800;

const READ = 'communication_preferences.read';
const WRITE = 'communication_preferences.write';
const READ_WRITE = 'communication_preferences.read_write';
/** What an endpoint asks for: any one of a row. */
export const SCOPES = {
  none: [],
  read: [READ, READ_WRITE],
  write: [WRITE, READ_WRITE],
  readAndWrite: [`${READ} ${WRITE}`, READ_WRITE],
  batchRead: ['communication_preferences.statuses.batch.read'],
  batchWrite: ['communication_preferences.statuses.batch.write'],
  contacts: ['crm.objects.contacts.read'],
} as const;
export const ALL_SCOPES: readonly string[] = [
  READ_WRITE,
  READ,
  WRITE,
  ...SCOPES.batchRead,
  ...SCOPES.batchWrite,
  ...SCOPES.contacts,
];

/** What follows `Bearer` in the header; empty when there is none. */
export const bearerOf = (authorization = ''): string => /^Bearer\s+(.*)$/i.exec(authorization)?.[1]?.trim() ?? '';

export function guardAccess(): Access {
  let accepted: readonly string[] = [];
  let granted: readonly string[] = ALL_SCOPES;
  const issued = new Map<string, number>();
  return {
    setTokens(tokens) {
      accepted = tokens.filter((token) => token !== '');
      issued.clear();
    },
    setScopes(scopes) {
      granted = scopes;
    },
    scopes: () => granted,
    issue() {
      const token = randomBytes(32).toString('base64url');
      issued.set(token, Date.now() + TOKEN_LIFE_SECONDS * 1000);
      return token;
    },
    identify(token) {
      // A secret stored with its quotes, as JSON or with a line break: HubSpot cannot read it and takes it for long expired.
      if (/[\s"'`{}[\]]/.test(token)) throw expired(0);
      if (accepted.includes(token)) return { oauth: false };
      const expiresAt = issued.get(token);
      if (expiresAt === undefined) throw unauthenticated();
      if (expiresAt <= Date.now()) throw expired(expiresAt);
      return { oauth: true };
    },
    require(anyOf) {
      const holds = (scopes: string) => scopes.split(' ').every((scope) => granted.includes(scope));
      if (anyOf.length > 0 && !anyOf.some(holds)) throw missingScopes(anyOf[0]?.split(' ') ?? []);
    },
  };
}
