import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Metafile, Plugin } from 'esbuild';
import { build } from 'esbuild';
import { zipSync } from 'fflate';
import { exportedData, sharedKeys } from './bundle-data.ts';

export interface BundleFolders {
  /**
   * Each `.ts` file directly in this folder is a function.
   * @default 'functions/'
   */
  readonly from?: string;
  /** @default 'dist/' */
  readonly to?: string;
}

/** A bundled function. */
export interface Bundle {
  readonly name: string;
  /** Minified size. */
  readonly bytes: number;
  readonly gzipBytes: number;
  /** Sizes by npm package, or by folder for the project's own code; largest first. */
  readonly parts: readonly Part[];
  /** Sizes of the project's own files, by path from the root. */
  readonly files: readonly Part[];
}

export interface Part {
  readonly name: string;
  readonly bytes: number;
}

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/**
 * Bundles every function to `<to>/<name>/index.mjs` with a source map, and to `<to>/<name>.zip`, which is deployed and contains only
 * the code. The build is reproducible: the same sources produce the same bytes. Rejects if a function does not build.
 */
export async function bundle(folders: BundleFolders = {}): Promise<readonly Bundle[]> {
  const { from = join(ROOT, 'functions'), to = join(ROOT, 'dist') } = folders;
  const names = readdirSync(from).flatMap((file) => (file.endsWith('.ts') ? [basename(file, '.ts')] : []));
  const { metafile } = await build({
    absWorkingDir: ROOT,
    // Without this, whether tsconfig.json applies to UNUSED depends on which package imports it first.
    tsconfigRaw: {},
    entryPoints: Object.fromEntries(names.map((name) => [join(name, 'index'), join(from, `${name}.ts`)])),
    outdir: to,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    // The pages have many languages, and an escaped letter takes six bytes.
    charset: 'utf8',
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // The SDK's ES modules. Its CommonJS modules cannot be tree-shaken.
    mainFields: ['module', 'main'],
    conditions: ['module'],
    alias: ALIASES,
    plugins: [versionOnly, constantKeys, exportedData, sharedKeys],
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

/** Reduces each package.json that the SDK's clients import to its version, which is all they use. */
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
 * Inlines constant keys in the SDK's schemas. All operations are in one file, with keys such as `[_hH]` where
 * `const _hH = "httpHeader"`. Computed keys may have side effects, so esbuild keeps them; inlined, it drops unused operations.
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

/** ZIP timestamps have no time zone, so this value is the same everywhere. */
const ZIPPED_AT = new Date(2000, 0, 1);
/** A regular file that all users may read, in Unix format: Lambda runs as another user. */
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
