import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

const MODULE = 'functions/crypto/link-headers';

/** Bundles `optout-relay/links` to `<to>/links.mjs`, which has no dependencies, and its types. `to` defaults to `dist/`. */
export async function bundleLinks(to = join(ROOT, 'dist')): Promise<void> {
  await build({
    absWorkingDir: ROOT,
    entryPoints: [join(ROOT, `${MODULE}.ts`)],
    outfile: join(to, 'links.mjs'),
    bundle: true,
    format: 'esm',
    // No Node APIs: senders may use other runtimes.
    platform: 'neutral',
    target: 'es2022',
    mainFields: ['module', 'main'],
    conditions: ['import'],
  });
  emitTypes(join(to, 'links.d.ts'));
}

/** The compiler reads this one file only: its exports have all their types in it, so that the declarations import nothing. */
const EMIT =
  '--ignoreConfig --noResolve --noCheck --declaration --emitDeclarationOnly --target es2024 --module nodenext';

function emitTypes(file: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'optout-relay-types-'));
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  try {
    execFileSync(process.execPath, [tsc, `${MODULE}.ts`, ...EMIT.split(' '), '--outDir', folder], { cwd: ROOT });
    copyFileSync(join(folder, 'link-headers.d.ts'), file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
