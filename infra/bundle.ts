import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Metafile, Plugin } from 'esbuild';
import { build } from 'esbuild';
import { zipSync } from 'fflate';

export interface BundleFolders {
  /** Every `.ts` directly in it is a function. Default `functions/`. */
  readonly from?: string;
  /** Default `dist/`. */
  readonly to?: string;
}

/** A function as Lambda loads it. */
export interface Bundle {
  readonly name: string;
  /** Minified. */
  readonly bytes: number;
  readonly gzipBytes: number;
  /** By npm package, or by folder where the code is ours; the largest first. */
  readonly parts: readonly Part[];
  /** What each of our own files weighs in it, by path from the project's root. */
  readonly files: readonly Part[];
}

export interface Part {
  readonly name: string;
  readonly bytes: number;
}

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/**
 * Bundles every function: `<to>/<name>/index.mjs`, its source map beside it, and `<to>/<name>.zip`, which is deployed and
 * holds the code alone. The same sources give the same bytes, on any machine and at any time. Rejects when one does not build.
 */
export async function bundle(folders: BundleFolders = {}): Promise<readonly Bundle[]> {
  const { from = join(ROOT, 'functions'), to = join(ROOT, 'dist') } = folders;
  const names = readdirSync(from).flatMap((file) => (file.endsWith('.ts') ? [basename(file, '.ts')] : []));
  const { metafile } = await build({
    absWorkingDir: ROOT,
    // Whether UNUSED is read by our tsconfig.json or, as a part of a package, by none would depend on who asks first.
    tsconfigRaw: {},
    entryPoints: Object.fromEntries(names.map((name) => [join(name, 'index'), join(from, `${name}.ts`)])),
    outdir: to,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    // The pages speak many languages: escaped, each of their letters is six bytes.
    charset: 'utf8',
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // The SDK's ES modules: of its CommonJS ones nothing can be left out.
    mainFields: ['module', 'main'],
    conditions: ['module'],
    alias: ALIASES,
    plugins: [versionOnly, constantKeys, withoutText],
    legalComments: 'none',
    sourcemap: 'external',
    sourcesContent: false,
    metafile: true,
  });
  return names.map((name) => pack(name, to, inputsOf(metafile, name)));
}

const UNUSED = join(ROOT, 'infra/unused-parts.ts');
const ALIASES = {
  '@aws-sdk/credential-provider-node': join(ROOT, 'infra/environment-credentials.ts'),
  '@smithy/core/event-streams': UNUSED,
  '@aws-sdk/checksums/flexible-checksums': UNUSED,
  '@aws-sdk/checksums/sha': UNUSED,
  '@aws-sdk/endpoint-cache': UNUSED,
};

/** The SDK's clients import their whole package.json for the version in their user agent. */
const versionOnly: Plugin = {
  name: 'version-only',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]@aws-sdk[\\/][^\\/]+[\\/]package\.json$/ }, ({ path }) => {
      const { version } = JSON.parse(readFileSync(path, 'utf8'));
      return { loader: 'json', contents: JSON.stringify({ version }) };
    });
  },
};

/**
 * The SDK's schemas of all operations stand in one file, with keys such as `[_hH]` where `const _hH = "httpHeader"`. To compute a
 * key may do anything, so esbuild leaves none of them out. With the constants in their places it keeps what our calls need.
 */
const constantKeys: Plugin = {
  name: 'constant-keys',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]@aws-sdk[\\/]client-[^\\/]+[\\/]dist-es[\\/]schemas[\\/]schemas_0\.js$/ }, ({ path }) => {
      const code = readFileSync(path, 'utf8');
      const constants = new Map(
        [...code.matchAll(/^const (\w+) = ("[^"\\]*");$/gm)].map(([, name, value]) => [name, value]),
      );
      return { contents: code.replace(/\[(_\w+)\](?=:)/g, (key, name: string) => constants.get(name) ?? key) };
    });
  },
};

/** postal-mime turns every HTML part into text, with a table of all that HTML has names for. */
const withoutText: Plugin = {
  name: 'without-text',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/text-format\.js$/ }, ({ importer }) =>
      /[\\/]postal-mime[\\/]/.test(importer) ? { path: UNUSED } : undefined,
    );
  },
};

/** ZIP files know no time zone, so this is one and the same moment everywhere. */
const ZIPPED_AT = new Date(2000, 0, 1);
/** A plain file that everyone may read, in a ZIP written on Unix: Lambda runs as another user. */
const READABLE = { os: 3, attrs: 0o100644 << 16 };

function pack(name: string, to: string, inputs: readonly Part[]): Bundle {
  const code = readFileSync(join(to, name, 'index.mjs'));
  const zip = zipSync({ 'index.mjs': [code, READABLE] }, { level: 9, mtime: ZIPPED_AT });
  writeFileSync(join(to, `${name}.zip`), zip);
  const files = inputs.filter((input) => input.name.startsWith('functions/'));
  return { name, bytes: code.length, gzipBytes: gzipSync(code).length, parts: partsOf(inputs), files };
}

function inputsOf({ outputs }: Metafile, name: string): readonly Part[] {
  const output = Object.entries(outputs).find(([path]) => path.endsWith(`/${name}/index.mjs`))?.[1];
  return Object.entries(output?.inputs ?? {}).map(([path, { bytesInOutput }]) => ({
    name: path,
    bytes: bytesInOutput,
  }));
}

function partsOf(inputs: readonly Part[]): readonly Part[] {
  const bytes = new Map<string, number>();
  for (const input of inputs) {
    const part = partOf(input.name);
    bytes.set(part, (bytes.get(part) ?? 0) + input.bytes);
  }
  return [...bytes].map(([name, size]) => ({ name, bytes: size })).sort((one, two) => two.bytes - one.bytes);
}

function partOf(path: string): string {
  const inPackages = path.split('node_modules/').at(-1) ?? path;
  const depth = inPackages === path || inPackages.startsWith('@') ? 2 : 1;
  return inPackages.split('/').slice(0, depth).join('/');
}
