import { execFile } from 'node:child_process';
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ROOT } from './packaged.ts';

const run = promisify(execFile);
const BIN = join(ROOT, 'node_modules/.bin');

let clone: string;
let written: readonly string[];

/** Runs `npm run new-source` in a copy of this clone. */
beforeAll(async () => {
  clone = mkdtempSync(join(tmpdir(), 'optout-relay-new-source-'));
  const { stdout: files } = await run('git', ['ls-files', '-co', '--exclude-standard'], { cwd: ROOT });
  for (const file of files.trim().split('\n')) cpSync(join(ROOT, file), join(clone, file), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(clone, 'node_modules'));
  const { stdout } = await newSource('acme-mail');
  written = stdout.split('\n\n')[0]?.split('\n') ?? [];
});
afterAll(() => rmSync(clone, { recursive: true, force: true }));

const newSource = (...args: readonly string[]) =>
  run(process.execPath, ['infra/new-source/new-source.ts', ...args], { cwd: clone });
const contents = () => globSync('**/*.{ts,md}', { cwd: clone, exclude: ['node_modules'] }).toSorted();

it('writes a source, its test, a signed fixture, its page, and its lines in the lists', () => {
  expect(written).toEqual([
    'functions/sources/acme-mail.ts',
    'test/sources/acme-mail.test.ts',
    'test/sources/fixtures/acme-mail/every-event.body',
    'test/sources/fixtures/acme-mail/every-event.json',
    'docs/sources/acme-mail.md',
    'functions/sources/index.ts',
    'prove/harness/sender-signatures.ts',
    'docs/sources.md',
    'docs/security.md',
  ]);
  expect(readFileSync(join(clone, 'docs/sources.md'), 'utf8')).toContain('| [Acme Mail](sources/acme-mail.md) |');
});

it('writes what compiles, and what the linter accepts', async () => {
  await run(join(BIN, 'tsc'), ['--noEmit'], { cwd: clone });
  await run(join(BIN, 'biome'), ['ci', ...written.filter((file) => file.endsWith('.ts'))], { cwd: clone });
}, 180_000);

it('writes a source that passes its own tests, and those of all sources and of their pages', async () => {
  const env = { PATH: process.env['PATH'] };
  const vitest = (...args: readonly string[]) =>
    run(join(BIN, 'vitest'), ['run', '--maxWorkers=1', ...args], { cwd: clone, env });

  const rules = await vitest('test/sources/acme-mail.test.ts', 'test/sources/index.test.ts');
  const pages = await vitest('test/docs/security.test.ts', 'test/docs/sources.test.ts', '-t', 'acme-mail|security');
  const proofs = await vitest('test/prove/harness/senders.test.ts');

  expect(rules.stdout).toMatch(/^[1-9]\d+ passed, 0 failed, 0 skipped$/m);
  expect(pages.stdout).toMatch(/^[1-9]\d+ passed, 0 failed/m);
  expect(proofs.stdout).toMatch(/^[1-9]\d+ passed, 0 failed/m);
}, 180_000);

it.each([
  [[], 'The name is missing.'],
  [['Acme'], 'A name begins with a small letter'],
  [['9acme'], 'A name begins with a small letter'],
  [['../acme'], 'A name begins with a small letter'],
  [['mailtrap'], '"mailtrap" is taken.'],
  [['acme-mail'], '"acme-mail" is taken.'],
  [['form'], '"form" is taken.'],
])('rejects the arguments %j and writes nothing', async (args, message) => {
  const before = contents();

  await expect(newSource(...args)).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining(message) });

  expect(contents()).toEqual(before);
});
