import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseLinkKeys } from '../../functions/config/secret-formats.ts';
import type { ReadyLink } from '../../functions/crypto/link-headers.ts';
import { createTokenSealer } from '../../functions/crypto/sealed-links.ts';
import { bundleLinks } from '../../infra/bundle-links.ts';
import { ROOT } from './packaged.ts';

const run = promisify(execFile);
const entry = { kid: '2026-11', key: 'q7-_'.repeat(10).concat('q7A') };

let folder: string;

/** A project that has installed `optout-relay`. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'optout-relay-links-'));
  const installed = join(folder, 'node_modules/optout-relay');
  mkdirSync(join(installed, 'dist'), { recursive: true });
  copyFileSync(join(ROOT, 'package.json'), join(installed, 'package.json'));
  await bundleLinks(join(installed, 'dist'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function sealInOtherProject(options: object): Promise<ReadyLink> {
  const script = `
    import { sealedLink } from 'optout-relay/links';
    const made = sealedLink({ publicUrl: 'https://optout.example.com', key: ${JSON.stringify(entry)}, ...${JSON.stringify(options)} });
    console.log(JSON.stringify(await made.catch(({ name, message }) => ({ name, message }))));`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { cwd: folder, env: {} });
  return JSON.parse(stdout);
}

it('creates links in another project, without dependencies, that the relay opens', async () => {
  const { url, headers } = await sealInOtherProject({ email: 'Ada@Example.com', lang: 'pt-BR', brand: 'acme' });

  const keys = async () => parseLinkKeys(JSON.stringify({ keys: [entry] }));
  const { unsealLink } = createTokenSealer({ get: keys, refresh: keys });
  const link = await unsealLink(url.replace('https://optout.example.com/u/', ''), new Date());
  expect(link).toEqual({ email: 'ada@example.com', lang: 'pt-BR', brand: 'acme' });
  expect(headers).toEqual({
    'List-Unsubscribe': `<${url}>`,
    'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
  });
});

it('rejects invalid input by error name, without quoting it', async () => {
  expect(await sealInOtherProject({ email: 'nobody' })).toEqual({
    name: 'Unreadable',
    message: 'the email address is not valid',
  });
  expect(await sealInOtherProject({ email: 'ada@example.com', key: { kid: 'a', key: 'shibboleth' } })).toEqual({
    name: 'Misconfigured',
    message: 'key.key is not 32 bytes',
  });
});
