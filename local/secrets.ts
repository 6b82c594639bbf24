import type { KeyPairKeyObjectResult } from 'node:crypto';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sources } from '../functions/sources/index.ts';
import type { SecretStore } from './resources.ts';

/** Names of the four secrets in the local Secrets Manager. */
export const SECRET_NAMES = {
  hubspot: 'optout-relay/local/hubspot',
  sources: 'optout-relay/local/sources',
  links: 'optout-relay/local/links',
  receipts: 'optout-relay/local/receipts',
} as const;

/** The content of a `LOCAL_SECRETS` file. Missing secrets are generated. */
export interface GivenSecrets {
  readonly hubspot?: unknown;
  readonly sources?: Readonly<Record<string, unknown>>;
  readonly links?: unknown;
  readonly receipts?: unknown;
}

/**
 * Stores the secrets in Secrets Manager, and returns their texts. Given secrets replace stored ones. Missing ones are generated at
 * random, so that no two stacks share a secret. The files in `<dir>/secrets` hold what the sample commands sign with.
 */
export async function prepareSecrets(store: SecretStore, given: GivenSecrets, dir: string): Promise<Secrets> {
  const names = Object.entries(SECRET_NAMES) as readonly [keyof Secrets, string][];
  const read = names.map(async ([key, name]) => [key, await store.read(name)] as const);
  const stored: Partial<Secrets> = Object.fromEntries(await Promise.all(read));
  const folder = join(dir, 'secrets');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const secrets = completed(stored, given, (name, text) => writeFileSync(join(folder, name), text, { mode: 0o600 }));
  for (const [key, name] of names) if (secrets[key] !== stored[key]) await store.write(name, secrets[key]);
  return secrets;
}

type Secrets = Readonly<Record<keyof typeof SECRET_NAMES, string>>;

function completed(stored: Partial<Secrets>, given: GivenSecrets, save: Save): Secrets {
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  const links = given.links ?? JSON.parse(stored.links ?? 'null') ?? generatedLinks();
  for (const key of apiKeysOf(links)) save('links', key);
  const receipts = { keys: [{ kid: 'local', privateKey: randomKey() }], hashKeys: [randomKey()] };
  return {
    hubspot: text(given.hubspot ?? stored.hubspot ?? { token: `pat-local-${randomKey()}` }),
    links: text(links),
    receipts: text(given.receipts ?? stored.receipts ?? receipts),
    sources: text(sourceSecrets({ ...JSON.parse(stored.sources ?? '{}'), ...given.sources }, save)),
  };
}

type Save = (name: string, text: string) => void;

const randomKey = () => randomBytes(32).toString('base64url');

const generatedLinks = () => ({ keys: [{ kid: 'local', key: randomKey() }], apiKeys: [randomKey()] });

function apiKeysOf(links: unknown): readonly string[] {
  const { apiKeys } = { apiKeys: undefined, ...(links as object) } as { readonly apiKeys: unknown };
  return Array.isArray(apiKeys) ? apiKeys.slice(0, 1).map(String) : [];
}

/** Completes the secrets of the sources, and saves the current secret of each. */
function sourceSecrets(known: Readonly<Record<string, unknown>>, save: Save): Readonly<Record<string, unknown>> {
  const all = sources.map(({ name }) => [name, known[name] ?? [generated(name, save)]] as const);
  for (const [name, value] of all) {
    const [current] = [value].flat();
    if (typeof current === 'string') save(name, current);
  }
  return { ...known, ...Object.fromEntries(all) };
}

function generated(source: string, save: Save): string {
  return GENERATORS[source]?.(save) ?? randomKey();
}

/**
 * At least 24 bytes. The key is text, so that a shell can pass it to openssl.
 *
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
const standardWebhooks = () => `whsec_${Buffer.from(randomKey()).toString('base64')}`;

/** Sources whose secret has a required format. A topic ARN is not a secret: AWS or Scaleway signs its messages. */
const GENERATORS: Readonly<Record<string, (save: Save) => string>> = {
  'standard-webhooks': standardWebhooks,
  resend: standardWebhooks,
  svix: standardWebhooks,
  ses: () => 'arn:aws:sns:us-east-1:000000000000:optout-relay',
  scaleway: () => 'arn:scw:sns:fr-par:project-0:optout-relay',
  sendgrid: (save) => publicKey('sendgrid.pem', generateKeyPairSync('ec', { namedCurve: 'P-256' }), save),
  postal: (save) => publicKey('postal.pem', generateKeyPairSync('rsa', { modulusLength: 2048 }), save),
};

/** Saves the private key, and returns the public key in base64 DER, the format of the secret. */
function publicKey(file: string, pair: KeyPairKeyObjectResult, save: Save): string {
  save(file, String(pair.privateKey.export({ type: 'pkcs8', format: 'pem' })));
  return pair.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
}

/** Reads a `LOCAL_SECRETS` file. Throws if it does not exist or is not a JSON object. */
export function readGivenSecrets(file: string | undefined): GivenSecrets {
  if (!file) return {};
  try {
    const given: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof given === 'object' && given !== null && !Array.isArray(given)) return given;
  } catch {
    // The error's message may quote the file.
  }
  throw new Error(`LOCAL_SECRETS: ${file} must be a file with a JSON object`);
}
