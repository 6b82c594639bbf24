import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Bundle } from '../../infra/bundle.ts';
import { bundle } from '../../infra/bundle.ts';
import { relayConfig } from '../../relay.config.ts';
import { ROOT } from './packaged.ts';

const run = promisify(execFile);

let folder: string;
let bundles: readonly Bundle[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'optout-relay-bundle-'));
  bundles = await bundle({ to: folder });
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('bundles each function into a ZIP that contains only its code', () => {
  const functions = readdirSync(join(ROOT, 'functions')).filter((file) => file.endsWith('.ts'));

  expect(bundles.map(({ name }) => `${name}.ts`).sort()).toEqual(functions.sort());
  for (const { name, bytes } of bundles) {
    const files = unzipSync(readFileSync(join(folder, `${name}.zip`)));
    expect(Object.keys(files)).toEqual(['index.mjs']);
    expect(files['index.mjs']).toEqual(new Uint8Array(readFileSync(join(folder, name, 'index.mjs'))));
    expect(files['index.mjs']).toHaveLength(bytes);
  }
});

it('makes the code readable for all users, since Lambda runs as another user', () => {
  for (const { name } of bundles) {
    const zip = readFileSync(join(folder, `${name}.zip`));
    const entry = zip.lastIndexOf(Buffer.from('PK\x01\x02'));

    expect(zip.readUInt32LE(entry + 38) >>> 16).toBe(0o100644);
  }
});

it('produces the same bytes from the same sources, in any folder, time zone and run', async () => {
  const to = join(folder, 'again');
  await run(process.execPath, [join(ROOT, 'infra/build.ts'), '--to', to], {
    cwd: tmpdir(),
    env: { ...process.env, TZ: 'Pacific/Kiritimati' },
  });

  for (const { name } of bundles) {
    expect(readFileSync(join(to, `${name}.zip`))).toEqual(readFileSync(join(folder, `${name}.zip`)));
  }
});

it('omits packages that Lambda does not need', () => {
  const names = new Set(bundles.flatMap(({ parts }) => parts.map(({ name }) => name)));

  const credentials = ['credential-provider-node', 'credential-provider-ini', 'nested-clients'];
  for (const name of [...credentials, 'endpoint-cache', 'checksums']) {
    expect([...names]).not.toContain(`@aws-sdk/${name}`);
  }
  expect([...names]).toContain('@aws-sdk/client-sqs');
});

it('contains the checked configuration, without the schema that checked it', () => {
  const withSchema = bundles.filter(({ files }) => files.some(({ name }) => /relay-config|config\/theme/.test(name)));
  const code = readFileSync(join(folder, 'deliver/index.mjs'), 'utf8');

  expect(withSchema).toEqual([]);
  expect(code).toContain(relayConfig.legalBasisExplanation);
});

it('omits the unused parts of the S3 client', () => {
  const { parts } = bundles.find(({ name }) => name === 'mailbox') ?? { parts: [] };
  const kilobytesOf = (part: string) => (parts.find(({ name }) => name === part)?.bytes ?? 0) / 1024;

  // Without the build's plugins: 98 KB.
  expect(kilobytesOf('@aws-sdk/client-s3')).toBeLessThan(45);
});

it("prints each function's size and its largest parts", async () => {
  const { stdout } = await build('light', `export const handler = () => ${JSON.stringify('x'.repeat(102_400))};`);

  expect(stdout).toMatch(/^light: 100\.\d KB, 0\.\d KB gzipped, 25 % of 400\.0 KB\n +100\.\d KB {2}\S+\n$/);
});

it('fails for a function over the size budget, and names it', async () => {
  const building = build('heavy', `export const handler = () => ${JSON.stringify('x'.repeat(512_000))};`);

  await expect(building).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^heavy is 100\.\d KB over its budget of 400\.0 KB\n$/),
  });
});

it('fails for a function that does not build', async () => {
  await expect(build('broken', "import './nowhere.ts';")).rejects.toMatchObject({ code: 1 });
});

it('bundles the configuration of this deployment', async () => {
  const to = join(folder, 'own');

  await buildWith("export const relayConfig = defineConfig({ origins: ['https://own.example.com'] });", to);

  expect(readFileSync(join(to, 'unsubscribe/index.mjs'), 'utf8')).toContain('https://own.example.com');
  expect(readFileSync(join(folder, 'unsubscribe/index.mjs'), 'utf8')).not.toContain('https://own.example.com');
});

it.each([
  ['sources.acme is not valid', 'export const relayConfig = defineConfig({ sources: { acme: {} } });'],
  ['policy.opt_out is not valid', 'export const relayConfig = defineConfig({ policy: { opt_out: "perhaps" } });'],
  ['own.config.ts does not export relayConfig', 'export default defineConfig({});'],
])('fails for a configuration in which %s, and names its file', async (wrong, code) => {
  const { stderr } = await buildWith(code, join(folder, 'wrong')).catch((error) => error);

  expect(stderr).toContain(wrong);
  expect(stderr).toContain(join(folder, 'own.config.ts'));
});

it('leaves relay.config.own.ts to its owner: Git ignores it', async () => {
  const { stdout } = await run('git', ['check-ignore', 'relay.config.own.ts'], { cwd: ROOT });

  expect(stdout).toBe('relay.config.own.ts\n');
});

/** Runs `npm run build` with a configuration in place of relay.config.own.ts. */
function buildWith(code: string, to: string) {
  const config = join(folder, 'own.config.ts');
  const rules = join(ROOT, 'functions/config/relay-config.ts');
  writeFileSync(config, `import { defineConfig } from '${rules}';\n${code}`);
  const env = { ...process.env, RELAY_CONFIG: config };
  return run(process.execPath, [join(ROOT, 'infra/build.ts'), '--to', to], { env });
}

/** Runs `npm run build` for a single function. */
function build(name: string, code: string) {
  const from = join(folder, basename(name), 'functions');
  mkdirSync(from, { recursive: true });
  writeFileSync(join(from, `${name}.ts`), code);
  return run(process.execPath, [join(ROOT, 'infra/build.ts'), '--from', from, '--to', join(from, 'dist')]);
}
