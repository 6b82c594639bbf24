import * as z from 'zod/mini';
import { Misconfigured } from '../core/model/errors.ts';
import { parseJson } from '../core/payload/json.ts';

/** The `hubspot` secret. */
export type Credentials =
  | { readonly token: string }
  | { readonly oauth: { readonly clientId: string; readonly clientSecret: string; readonly refreshToken: string } };

/** Rejects spaces, newlines and quotes, which are copied by mistake. */
const filled = z.string().check(z.regex(/^[!#-&(-_a-~]+$/));
const credentials = z.union([
  z.object({ token: z.string() }),
  z.object({ oauth: z.object({ clientId: filled, clientSecret: filled, refreshToken: filled }) }),
]);

/** Parses the `hubspot` secret: `{"token": "…"}`, `{"oauth": {…}}`, or the bare token. */
export function parseCredentials(text: string): Credentials {
  const read = text.trimStart().startsWith('{') ? parseSecret(text, credentials) : { token: text };
  if ('token' in read) checkToken(read.token);
  return read;
}

const TOKEN_FAULTS: readonly (readonly [RegExp, string])[] = [
  [/^\s*$/, 'the token is blank'],
  [/[\r\n]/, 'the token contains a newline'],
  [/["'`]/, 'the token contains quotes'],
  [/[{}[\]]/, 'the token contains JSON'],
  [/[^\x21-\x7e]/, 'the token contains spaces or invalid characters'],
  [/^.{513}/, 'the token is longer than 512 characters'],
];

/** HubSpot reports a malformed token as expired, so the token is checked here. */
function checkToken(token: string): void {
  const fault = TOKEN_FAULTS.find(([pattern]) => pattern.test(token));
  if (fault) throw new Misconfigured(fault[1]);
}

const bySource = z.record(z.string(), z.unknown());
const oneOrMore = z.union([z.string(), z.array(z.string())]);

/** Parses the `sources` secret, such as `{"sendgrid": ["current", "previous"], "postmark": "user:password"}`. */
export function parseSourceSecrets(text: string): ReadonlyMap<string, readonly string[]> {
  return new Map(
    Object.entries(parseSecret(text, bySource)).map(([source, value], index) => {
      const read = z.safeParse(oneOrMore, value);
      // The name is not quoted, because it may be a secret in the wrong place.
      if (!read.success) throw new Misconfigured(`value ${index + 1} is not valid`);
      return [source, typeof read.data === 'string' ? [read.data] : read.data];
    }),
  );
}

/** A key that seals links and receipts. */
export interface LinkKey {
  readonly kid: string;
  readonly key: Uint8Array;
}

const linkKeys = z.object({
  keys: z.array(z.object({ kid: filled, key: z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/)) })).check(z.minLength(1)),
});

/**
 * Parses the keys of the `links` secret: `{"keys": [{"kid": "2026-11", "key": "<32 bytes base64url>"}]}`. The first key seals, all
 * keys unseal.
 */
export function parseLinkKeys(text: string): readonly LinkKey[] {
  const { keys } = parseSecret(text, linkKeys);
  checkKids(keys);
  return keys.map(({ kid, key }) => ({ kid, key: Buffer.from(key, 'base64url') }));
}

/** Throws Misconfigured if two keys have the same `kid`. */
export function checkKids(keys: readonly { readonly kid: string }[]): void {
  if (new Set(keys.map(({ kid }) => kid)).size < keys.length) throw new Misconfigured('two keys have the same kid');
}

const apiKeys = z.object({ apiKeys: z.optional(z.array(z.string())) });

/** Parses `apiKeys` of the `links` secret, the bearer tokens of `POST /links`. If omitted, the route rejects every request. */
export function parseApiKeys(text: string): readonly string[] {
  return parseSecret(text, apiKeys).apiKeys ?? [];
}

/** Parses a secret. Throws Misconfigured without the schema's own message, which may quote the secret. */
export function parseSecret<Value>(text: string, schema: z.ZodMiniType<Value>): Value {
  const json = parseJson(text);
  if (json === undefined) throw new Misconfigured(text.trim() === '' ? 'it is blank' : 'it is not JSON');
  const read = z.safeParse(schema, json);
  if (!read.success) throw new Misconfigured(`${read.error.issues[0]?.path.join('.') || 'its format'} is not valid`);
  return read.data;
}
