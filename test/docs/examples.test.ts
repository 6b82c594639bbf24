import { execFile } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const PACKAGES = {
  'optout-relay/links': { types: 'functions/crypto/link-headers.ts', code: 'functions/crypto/link-headers.ts' },
};

/** An `@example` in a docstring. */
interface Example {
  /** The file that contains the docstring. */
  readonly source: string;
  /** The file that the first line of the example names, such as `functions/sources/acme.ts`. */
  readonly path: string;
  readonly code: string;
}

const BLOCK = /^ *\* @example.*\n(?: *\* ```ts\n([\s\S]*?)\n *\* ```$)?/gm;

const examples = globSync('{functions,infra,cli,local,test}/**/*.ts', { cwd: ROOT }).flatMap(examplesIn);
const runnable = examples.filter(({ path }) => !path.endsWith('.test.ts'));

function examplesIn(source: string): readonly Example[] {
  return [...readFileSync(join(ROOT, source), 'utf8').matchAll(BLOCK)].map(([, block = '']) => {
    const code = block.replaceAll(/^ *\* ?/gm, '');
    return { source, code, path: /^\/\/ (\S+\.ts)\n/.exec(code)?.[1] ?? '' };
  });
}

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'optout-relay-examples-'));
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  for (const { path, code } of examples) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), moduleOf(code, path));
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Resolves relative imports to the other examples and the repository, and turns `value; //=> expected` into an assertion. */
function moduleOf(code: string, path: string): string {
  const resolved = code.replaceAll(/(?<= from ')\.[^']+/g, (specifier) => {
    const target = join(dirname(path), specifier);
    return join(examples.some((example) => example.path === target) ? folder : ROOT, target);
  });
  const asserted = resolved.replaceAll(/^(.+); \/\/=> (.+)$/gm, 'deepStrictEqual($1, $2);');
  return `import { deepStrictEqual } from 'node:assert/strict';\n${asserted}\n`;
}

describe('the examples in docstrings', () => {
  it('are fenced as ts and begin with the name of their own file', () => {
    expect(examples.filter(({ path }) => path === '')).toEqual([]);
    expect(new Set(examples.map(({ path }) => path)).size).toBe(examples.length);
  });

  it('cover what users write themselves', () => {
    const documented = [
      'functions/core/verify/source.ts',
      'functions/core/verify/hmac.ts',
      'functions/config/relay-config.ts',
      'functions/crypto/link-headers.ts',
      'test/sources/describe-source.ts',
    ];

    expect(examples.map(({ source }) => source)).toEqual(expect.arrayContaining(documented));
  });

  it('compile', async () => {
    const paths = Object.fromEntries(Object.entries(PACKAGES).map(([name, { types }]) => [name, [join(ROOT, types)]]));
    const compilerOptions = { paths, typeRoots: [join(ROOT, 'node_modules/@types')] };
    const config = { extends: join(ROOT, 'tsconfig.json'), compilerOptions, include: ['**/*.ts'] };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const tsc = [join(ROOT, 'node_modules/typescript/bin/tsc'), '--project', folder];

    const errors = await promisify(execFile)(process.execPath, tsc).then(
      () => '',
      ({ stdout }: { readonly stdout: string }) => stdout,
    );

    expect(errors).toBe('');
  });

  // Examples of tests are only compiled: their fixtures do not exist.
  it.each(runnable)('run, and have the stated results: $path', async ({ path }) => {
    for (const [name, { code }] of Object.entries(PACKAGES)) {
      const file = join(folder, path);
      writeFileSync(file, readFileSync(file, 'utf8').replace(` from '${name}'`, ` from '${join(ROOT, code)}'`));
    }

    await import(join(folder, path));
  });
});
