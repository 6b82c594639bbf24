import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalSecretsManager } from './aws/secrets-manager.ts';

/** The three secrets' names in the local Secrets Manager. */
export const SECRET_NAMES = {
  hubspot: 'optout-relay/local/hubspot',
  sources: 'optout-relay/local/sources',
  links: 'optout-relay/local/links',
} as const;

/** What a `LOCAL_SECRETS` file may hold; what it lacks is generated. */
export interface GivenSecrets {
  readonly hubspot?: unknown;
  readonly sources?: Readonly<Record<string, unknown>>;
  readonly links?: unknown;
}

/** What the local stack needs to sign samples as the senders would. */
export interface SampleKeys {
  readonly standardWebhooks: string;
  /** PKCS #8, base64 DER. */
  readonly sendgridPrivateKey: string;
  /** SPKI, base64 DER: what SendGrid shows as the verification key. */
  readonly sendgrid: string;
}

/** Puts the secrets into Secrets Manager. What is there already stays, unless it is given anew. */
export function prepareSecrets(manager: LocalSecretsManager, given: GivenSecrets, keys: SampleKeys): void {
  const generated = { sendgrid: [keys.sendgrid], 'standard-webhooks': [keys.standardWebhooks] };
  const secrets = {
    hubspot: { given: given.hubspot, generate: () => ({ token: `pat-local-${randomBytes(16).toString('hex')}` }) },
    sources: { given: given.sources && { ...generated, ...given.sources }, generate: () => generated },
    links: {
      given: given.links,
      generate: () => ({ keys: [{ kid: 'local', key: randomBytes(32).toString('base64url') }] }),
    },
  };
  for (const [name, { given: value, generate }] of Object.entries(secrets)) {
    const id = SECRET_NAMES[name as keyof typeof SECRET_NAMES];
    const known = manager.read(id);
    const text = asText(value ?? (known === undefined ? generate() : known));
    if (text !== known) manager.write(id, text);
  }
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Throws a plain sentence when the file is not there or no JSON object. */
export function readGivenSecrets(file: string | undefined): GivenSecrets {
  if (!file) return {};
  try {
    const given: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof given === 'object' && given !== null && !Array.isArray(given)) return given;
  } catch {
    // The reason would quote the file.
  }
  throw new Error(`LOCAL_SECRETS: ${file} is not a file with a JSON object of secrets`);
}

/** The keys that sign the samples, made once and kept in `dir`. */
export function sampleKeys(dir: string): SampleKeys {
  const file = join(dir, 'sample-keys.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
  const { publicKey, privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
  });
  const keys = {
    standardWebhooks: `whsec_${randomBytes(24).toString('base64')}`,
    sendgridPrivateKey: privateKey.toString('base64'),
    sendgrid: publicKey.toString('base64'),
  };
  writeFileSync(file, JSON.stringify(keys), { mode: 0o600 });
  return keys;
}
