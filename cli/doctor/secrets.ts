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
import { countOf } from '../terminal/format.ts';
import type { Finding } from './finding.ts';
import { examine, ok, warning } from './finding.ts';

type Name = Extract<keyof Variables, `${string}_SECRET`>;

/** What each of them holds, read by the function that the relay reads it with. */
const SECRETS: readonly (readonly [Name, (text: string) => Finding])[] = [
  ['HUBSPOT_SECRET', hubspotFinding],
  ['SOURCES_SECRET', sourcesFinding],
  ['LINKS_SECRET', linksFinding],
  ['RECEIPTS_SECRET', receiptsFinding],
];

const FIX = 'aws secretsmanager put-secret-value; infra/secrets.yml says what stands in each';

/** Whether they can be read and are well-formed. No value of theirs is shown. */
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

const NAMES = 'look for a slip; docs/sources.md has the names';

function hubspotFinding(text: string): Finding {
  return ok('HUBSPOT_SECRET', 'token' in parseCredentials(text) ? 'a token' : 'a client with a refresh token');
}

function sourcesFinding(text: string): Finding {
  const held = [...parseSourceSecrets(text)].filter(([, values]) => values.some((value) => value.trim() !== ''));
  const names = held.map(([name]) => name);
  const strange = names.filter((name) => !sources.some((source) => source.name === name)).length;
  const says = `${names.length} of ${sources.length} sources have one`;
  // They are not shown: whoever puts a secret in the wrong place puts it there.
  if (strange > 0) return warning('SOURCES_SECRET', `${countOf(strange, 'name')} in it no source has`, NAMES);
  return ok('SOURCES_SECRET', names.length > 0 ? says : `${says}: every webhook is refused until it has`);
}

function linksFinding(text: string): Finding {
  return ok(
    'LINKS_SECRET',
    `${countOf(parseLinkKeys(text).length, 'key')}, ${countOf(parseApiKeys(text).length, 'API key')}`,
  );
}

function receiptsFinding(text: string): Finding {
  const { signing, hashing } = parseReceiptKeys(text);
  return ok('RECEIPTS_SECRET', `${countOf(signing.length, 'signing key')}, ${countOf(hashing.length, 'hashing key')}`);
}
