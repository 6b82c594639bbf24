import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { LocalSecretsManager } from './aws/secrets-manager.ts';
import { sampleSourceSecrets } from './sample-secrets.ts';

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

/** Stores the secrets in Secrets Manager. Given secrets replace stored ones. */
export function prepareSecrets(manager: LocalSecretsManager, given: GivenSecrets): void {
  const stored = (name: keyof typeof SECRET_NAMES) => manager.read(SECRET_NAMES[name]);
  const put = (name: keyof typeof SECRET_NAMES, value: unknown) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    if (text !== stored(name)) manager.write(SECRET_NAMES[name], text);
  };
  put('hubspot', given.hubspot ?? stored('hubspot') ?? { token: `pat-local-${randomBytes(16).toString('hex')}` });
  const links = { keys: [{ kid: 'local', key: randomKey() }], apiKeys: ['sample-secret-links'] };
  put('links', given.links ?? stored('links') ?? links);
  const receipts = { keys: [{ kid: 'local', privateKey: randomKey() }], hashKeys: [randomKey()] };
  put('receipts', given.receipts ?? stored('receipts') ?? receipts);
  put('sources', { ...sampleSourceSecrets(), ...JSON.parse(stored('sources') ?? '{}'), ...given.sources });
}

const randomKey = () => randomBytes(32).toString('base64url');

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
