import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sources } from '../../functions/sources/index.ts';
import type { LocalSecretsManager } from '../../local/aws/secrets-manager.ts';
import { startSecretsManager } from '../../local/aws/secrets-manager.ts';
import type { GivenSecrets } from '../../local/secrets.ts';
import { prepareSecrets, SECRET_NAMES } from '../../local/secrets.ts';

let dir: string;
let manager: LocalSecretsManager;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'optout-relay-'));
  manager = await startSecretsManager({ port: 0 });
});
afterEach(async () => {
  await manager.close();
  rmSync(dir, { recursive: true, force: true });
});

async function prepared(given: GivenSecrets, store = manager) {
  const secrets = {
    read: async (name: string) => store.read(name),
    write: async (name: string, text: string) => store.write(name, text),
  };
  await prepareSecrets(secrets, given, dir);
  const read = (name: keyof typeof SECRET_NAMES) => JSON.parse(store.read(SECRET_NAMES[name]) ?? '');
  return { sources: read('sources'), links: read('links'), hubspot: read('hubspot') };
}

const saved = (name: string) => readFileSync(join(dir, 'secrets', name), 'utf8');

it('generates different secrets for each stack', async () => {
  const other = await startSecretsManager({ port: 0 });
  const [one, two] = [await prepared({}), await prepared({}, other)];
  await other.close();

  const names = sources.map(({ name }) => name).filter((name) => name !== 'ses' && name !== 'scaleway');
  for (const name of names) expect([name, one.sources[name]]).not.toEqual([name, two.sources[name]]);
  expect(one.links.apiKeys).not.toEqual(two.links.apiKeys);
  expect(one.hubspot).not.toEqual(two.hubspot);
});

it('keeps its secrets across restarts', async () => {
  expect(await prepared({})).toEqual(await prepared({}));
});

it('uses given secrets in place of generated ones, and saves the current one of each', async () => {
  const { sources: known } = await prepared({ sources: { postmark: ['current', 'previous'] } });

  expect(known.postmark).toEqual(['current', 'previous']);
  expect(saved('postmark')).toBe('current');
  expect([saved('mailgun')]).toEqual(known.mailgun);
});

it('has a file for the secret of every source, and a private key for the senders that sign with one', async () => {
  await prepared({});

  const names = [...sources.map(({ name }) => name), 'links', 'postal.pem', 'sendgrid.pem'];
  expect(readdirSync(join(dir, 'secrets')).sort()).toEqual(names.sort());
  expect(saved('sendgrid.pem')).toMatch(/^-----BEGIN PRIVATE KEY-----/);
});
