import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from './packaged.ts';

/** The rooms of core, each with the rooms that it may import. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  model: [],
  payload: ['model'],
  verify: ['model', 'payload'],
  readers: ['model', 'payload', 'verify'],
  links: ['model', 'payload', 'verify', 'readers'],
  intake: ['model', 'payload', 'verify', 'readers', 'links'],
  ledger: ['model'],
  delivery: ['model', 'ledger'],
  reconcile: ['model', 'ledger', 'delivery'],
};

const imports = Object.entries(ROOMS).flatMap(([from, allowed]) =>
  Object.keys(ROOMS).map((to) => ({ from, to, isAllowed: to === from || allowed.includes(to) })),
);
const outside = Object.keys(ROOMS).flatMap((from) =>
  ['../../aws/sqs.ts', 'zod/mini'].map((specifier) => ({ from, specifier })),
);

let folder: string;
let diagnostics: readonly string[];

/** Lints all planted files in one run, with the project's configuration. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'optout-relay-lint-'));
  for (const file of ['biome.json', '.gitignore']) copyFileSync(join(ROOT, file), join(folder, file));
  for (const { from, to } of imports) plant(fileOf(from, to), from === to ? './state.ts' : `../${to}/state.ts`);
  for (const { from, specifier } of outside) plant(fileOf(from, specifier), specifier);
  plant('functions/aws/one.ts', './two.ts');
  plant('functions/aws/two.ts', './one.ts');
  plant('functions/aws/three.ts', './one.ts');
  diagnostics = await lint();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the order of the rooms in core', () => {
  it.each(imports.filter(({ isAllowed }) => isAllowed))('lets $from import $to', ({ from, to }) => {
    expect(rulesFor(fileOf(from, to))).toEqual([]);
  });

  it.each(imports.filter(({ isAllowed }) => !isAllowed))('does not let $from import $to', ({ from, to }) => {
    expect(rulesFor(fileOf(from, to))).toEqual(['lint/style/noRestrictedImports']);
  });

  it.each(outside)('does not let $from import $specifier', ({ from, specifier }) => {
    expect(rulesFor(fileOf(from, specifier))).toEqual(['lint/style/noRestrictedImports']);
  });
});

it('fails for an import cycle of types only, in each of its files', () => {
  expect(rulesFor('functions/aws/one.ts')).toEqual(['lint/suspicious/noImportCycles']);
  expect(rulesFor('functions/aws/two.ts')).toEqual(['lint/suspicious/noImportCycles']);
  expect(rulesFor('functions/aws/three.ts')).toEqual([]);
});

function fileOf(room: string, to: string): string {
  return `functions/core/${room}/to${to.replaceAll(/\W+|^/g, '-')}.ts`;
}

function plant(file: string, specifier: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(
    join(folder, file),
    `import type { State } from '${specifier}';\n\nexport type Planted = State | 'planted';\n`,
  );
}

/** Returns each diagnostic as `<file> <rule>`. */
async function lint(): Promise<readonly string[]> {
  const args = [join(ROOT, 'node_modules/.bin/biome'), 'lint', '--reporter=github', '--max-diagnostics=none'];
  const failed = await promisify(execFile)(process.execPath, args, { cwd: folder }).catch((error) => error);
  return [...String(failed.stdout).matchAll(/title=([\w/]+),file=(?:[^,]*\/)?(functions\/[^,]+)/g)].map(
    ([, rule, file]) => `${file} ${rule}`,
  );
}

function rulesFor(file: string): readonly string[] {
  return diagnostics.flatMap((each) => (each.startsWith(`${file} `) ? [each.slice(file.length + 1)] : []));
}
