import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { LocalSecretsManager } from './aws/secrets-manager.ts';
import { sampleSourceSecrets } from './sample-secrets.ts';

/** The four secrets' names in the local Secrets Manager. */
export const SECRET_NAMES = {
  hubspot: 'optout-relay/local/hubspot',
  sources: 'optout-relay/local/sources',
  links: 'optout-relay/local/links',
  receipts: 'optout-relay/local/receipts',
} as const;

/** What a `LOCAL_SECRETS` file may hold; what it lacks is generated. */
export interface GivenSecrets {
  readonly hubspot?: unknown;
  readonly sources?: Readonly<Record<string, unknown>>;
  readonly links?: unknown;
  readonly receipts?: unknown;
}

/** Puts the secrets into Secrets Manager. What is there already stays, unless it is given anew. */
export function prepareSecrets(manager: LocalSecretsManager, given: GivenSecrets): void {
  const known = (name: keyof typeof SECRET_NAMES) => manager.read(SECRET_NAMES[name]);
  const put = (name: keyof typeof SECRET_NAMES, value: unknown) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    if (text !== known(name)) manager.write(SECRET_NAMES[name], text);
  };
  put('hubspot', given.hubspot ?? known('hubspot') ?? { token: `pat-local-${randomBytes(16).toString('hex')}` });
  const links = { keys: [{ kid: 'local', key: randomKey() }], apiKeys: ['sample-secret-links'] };
  put('links', given.links ?? known('links') ?? links);
  const receipts = { keys: [{ kid: 'local', privateKey: randomKey() }], hashKeys: [randomKey()] };
  put('receipts', given.receipts ?? known('receipts') ?? receipts);
  put('sources', { ...sampleSourceSecrets(), ...JSON.parse(known('sources') ?? '{}'), ...given.sources });
}

const randomKey = () => randomBytes(32).toString('base64url');

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
