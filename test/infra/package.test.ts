import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleLinks } from '../../infra/bundle-links.ts';
import { bundleRelay } from '../../infra/bundle-relay.ts';
import { ROOT } from './packaged.ts';

const run = promisify(execFile);
/** What a clone has and the package must not have. */
const LEFT_OUT: ReadonlySet<string> = new Set(['node_modules', '.git', '.local', '.serverless', 'dist', 'coverage']);

let folder: string;
let project: string;
let packed: readonly string[];

/** Packs a copy of this clone as `npm pack` does, and installs the tarball in an empty folder, without a network. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'optout-relay-package-'));
  const clone = join(folder, 'clone');
  cpSync(ROOT, clone, { recursive: true, filter: (path) => !LEFT_OUT.has(basename(path)) });
  await Promise.all([bundleLinks(join(clone, 'dist')), bundleRelay(join(clone, 'dist'))]);
  writeFileSync(join(clone, 'production.env'), 'LINKS_SECRET=shibboleth\n');
  mkdirSync(join(clone, 'dist/webhook'));
  writeFileSync(join(clone, 'dist/webhook/index.mjs'), '');
  const pack = await run('npm', ['pack', '--ignore-scripts', '--json'], { cwd: clone });
  const [{ filename, files }] = [JSON.parse(pack.stdout)].flat();
  packed = files.map(({ path }: { readonly path: string }) => path);

  project = join(folder, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{"type": "module"}');
  const install = ['install', '--offline', '--no-audit', '--no-fund', join(clone, filename)];
  await run('npm', install, { cwd: project });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const relay = (...args: readonly string[]) =>
  run(process.execPath, [join(project, 'node_modules/.bin/relay'), ...args], { cwd: project });

/** The errors of the compiler about a module of the project. */
async function errorsIn(code: string): Promise<string> {
  writeFileSync(join(project, 'module.ts'), code);
  const options = ['--ignoreConfig', '--noEmit', '--strict', '--module', 'nodenext', '--types', '', 'module.ts'];
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  return run(process.execPath, [tsc, ...options], { cwd: project }).then(
    () => '',
    ({ stdout }: { readonly stdout: string }) => stdout,
  );
}

describe('the npm package', () => {
  it('contains the command, the links function and its types, and nothing else', () => {
    expect(packed.toSorted()).toEqual([
      'LICENSE',
      'README.md',
      'cli/bin.mjs',
      'dist/links.d.ts',
      'dist/links.mjs',
      'dist/relay.mjs',
      'package.json',
    ]);
  });

  it('installs no other package', () => {
    const { packages } = JSON.parse(readFileSync(join(project, 'node_modules/.package-lock.json'), 'utf8'));

    expect(Object.keys(packages)).toEqual(['node_modules/optout-relay']);
  });

  it('runs relay: its version, and a dry run with the rules of relay.config.ts', async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    writeFileSync(join(project, 'optouts.csv'), 'email,at\nada@example.com,2026-01-02\n');

    expect((await relay('--version')).stdout).toBe(`${version}\n`);
    const { stdout } = await relay('backfill', 'optouts.csv', '--time-column', 'at');
    expect(stdout).toMatch(/opt-outs +│ 1, from 2026-01-02/);
  });

  it('exits with the code of the command', async () => {
    await expect(relay('why', '--nonsense')).rejects.toMatchObject({ code: 2 });
  });

  it('types optout-relay/links', async () => {
    const code = `import { sealedLink } from 'optout-relay/links';
      const key = { kid: '2026-11', key: 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8' };
      const { url } = await sealedLink({ publicUrl: 'https://optout.example.com', key, email: 'ada@example.com' });
      export const link: string = url;`;

    expect(await errorsIn(code)).toBe('');
    expect(await errorsIn(code.replace("email: 'ada@example.com'", 'email: 1'))).toContain(
      "'number' is not assignable",
    );
  });
});
