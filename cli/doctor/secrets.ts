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
const SECRETS: readonly (readonly [Name, (text: string) => Finding])[] = [
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
    examine(
      name,
      async () => [await createSecretCache(client, readEnvironment(name)[name], { parse, clock }).get()],
      FIX,
    ),
  );
  return (await Promise.all(all)).flat();
}

const NAMES = 'check the spelling; docs/sources.md lists the names';

function hubspotFinding(text: string): Finding {
  return ok('HUBSPOT_SECRET', 'token' in parseCredentials(text) ? 'a token' : 'an OAuth client with a refresh token');
}

function sourcesFinding(text: string): Finding {
  const set = [...parseSourceSecrets(text)].filter(([, values]) => values.some((value) => value.trim() !== ''));
  const names = set.map(([name]) => name);
  const unknown = names.filter((name) => !sources.some((source) => source.name === name)).length;
  const message = `set for ${names.length} of ${sources.length} sources`;
  // Unknown names are not shown, because a secret may have been put there by mistake.
  if (unknown > 0) return warning('SOURCES_SECRET', `${formatCount(unknown, 'unknown source name')}`, NAMES);
  return ok(
    'SOURCES_SECRET',
    names.length > 0 ? message : `${message}: every webhook is rejected until its source has one`,
  );
}

function linksFinding(text: string): Finding {
  return ok(
    'LINKS_SECRET',
    `${formatCount(parseLinkKeys(text).length, 'key')}, ${formatCount(parseApiKeys(text).length, 'API key')}`,
  );
}

function receiptsFinding(text: string): Finding {
  const { signing, hashing } = parseReceiptKeys(text);
  return ok(
    'RECEIPTS_SECRET',
    `${formatCount(signing.length, 'signing key')}, ${formatCount(hashing.length, 'hashing key')}`,
  );
}
