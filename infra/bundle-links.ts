import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** Bundles `optout-relay/links` to `<to>/links.mjs`, which has no dependencies, and its types. `to` defaults to `dist/`. */
export async function bundleLinks(to = join(ROOT, 'dist')): Promise<void> {
  await build({
    absWorkingDir: ROOT,
    entryPoints: [join(ROOT, 'functions/crypto/link-headers.ts')],
    outfile: join(to, 'links.mjs'),
    bundle: true,
    format: 'esm',
    // No Node APIs: senders may use other runtimes.
    platform: 'neutral',
    target: 'es2022',
    mainFields: ['module', 'main'],
    conditions: ['import'],
  });
  copyFileSync(join(ROOT, 'infra/links.d.ts'), join(to, 'links.d.ts'));
}
