import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createSecretCache } from '../../functions/aws/secrets-manager.ts';
import type { Variables } from '../../functions/config/environment.ts';
import { readEnvironment } from '../../functions/config/environment.ts';
import {
  parseApiKeys,
  parseCredentials,
  parseLinkKeys,
  parseSourceSecrets,
} from '../../functions/config/secret-formats.ts';
import { parseReceiptKeys } from '../../functions/crypto/signed-receipts.ts';
import { sources } from '../../functions/sources/index.ts';
import { formatCount } from '../terminal/format.ts';
import type { Finding } from './finding.ts';
import { examine, ok, warning } from './finding.ts';

type Name = Extract<keyof Variables, `${string}_SECRET`>;

/** The secrets, each with a check that parses it as the relay does. */
const SECRETS: readonly (readonly [Name, (text: string) => readonly Finding[]])[] = [
  ['HUBSPOT_SECRET', hubspotFinding],
  ['SOURCES_SECRET', sourcesFinding],
  ['LINKS_SECRET', linksFinding],
  ['RECEIPTS_SECRET', receiptsFinding],
];

const FIX = 'aws secretsmanager put-secret-value; infra/secrets.yml documents the contents';

/** Checks that the secrets can be read and parsed. Their values are not shown. */
export async function checkSecrets(): Promise<readonly Finding[]> {
  const client = new SecretsManagerClient();
  const clock = () => new Date();
  const all = SECRETS.map(([name, parse]) =>
    examine(name, () => createSecretCache(client, readEnvironment(name)[name], { parse, clock }).get(), FIX),
  );
  return (await Promise.all(all)).flat();
}

const NAMES = 'check the spelling; docs/sources.md lists the names';

function hubspotFinding(text: string): readonly Finding[] {
  const kind = 'token' in parseCredentials(text) ? 'a token' : 'an OAuth client with a refresh token';
  return [ok('HUBSPOT_SECRET', kind)];
}

function sourcesFinding(text: string): readonly Finding[] {
  const set = [...parseSourceSecrets(text)].filter(([, values]) => values.some((value) => value.trim() !== ''));
  // Unknown names are not shown, because a secret may have been put there by mistake.
  const known = set.filter(([name]) => sources.some((source) => source.name === name));
  const unknown = set.length - known.length;
  const weak = known.flatMap(([name, values]) => shortOnes(`${name}: secret`, values));
  const message = `set for ${set.length} of ${sources.length} sources`;
  const none = `${message}: every webhook is rejected until its source has one`;
  return [
    unknown > 0
      ? warning('SOURCES_SECRET', `${formatCount(unknown, 'unknown source name')}`, NAMES)
      : ok('SOURCES_SECRET', set.length > 0 ? message : none),
    ...weak.map((each) => warning('SOURCES_SECRET', each, LONGER)),
  ];
}

const MIN_LENGTH = 16;
const LONGER = 'generate one with `openssl rand -hex 24`; docs/security.md describes the rotation';

/** Names the secrets that could be guessed, by their position. Blank ones are not used. */
function shortOnes(what: string, secrets: readonly string[]): readonly string[] {
  return secrets.flatMap((secret, index) => {
    const { length } = unguessablePart(secret.trim());
    return secret.trim() !== '' && length < MIN_LENGTH
      ? [`${what} ${index + 1} has fewer than ${MIN_LENGTH} characters`]
      : [];
  });
}

/** A user name, an organization and the prefix of a format may be known. The name of a topic is not secret at all. */
function unguessablePart(secret: string): string {
  if (secret.startsWith('arn:')) return secret;
  return secret.slice(secret.lastIndexOf(':') + 1).replace(/^wh(?:sec|pk)_/, '');
}

function linksFinding(text: string): readonly Finding[] {
  const apiKeys = parseApiKeys(text);
  const message = `${formatCount(parseLinkKeys(text).length, 'key')}, ${formatCount(apiKeys.length, 'API key')}`;
  const weak = shortOnes('API key', apiKeys);
  return [ok('LINKS_SECRET', message), ...weak.map((each) => warning('LINKS_SECRET', each, LONGER))];
}

function receiptsFinding(text: string): readonly Finding[] {
  const { signing, hashing } = parseReceiptKeys(text);
  const message = `${formatCount(signing.length, 'signing key')}, ${formatCount(hashing.length, 'hashing key')}`;
  return [ok('RECEIPTS_SECRET', message)];
}
