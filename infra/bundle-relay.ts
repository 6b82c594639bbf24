import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { exportedData } from './bundle-data.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** CommonJS packages in the bundle load the modules of Node.js with `require`. */
const REQUIRE = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;

/**
 * Bundles the `relay` command to `<to>/relay.mjs`, which has no dependencies. It contains the configuration as it is now.
 * `to` defaults to `dist/`.
 */
export async function bundleRelay(to = join(ROOT, 'dist')): Promise<void> {
  await build({
    absWorkingDir: ROOT,
    entryPoints: [join(ROOT, 'cli/relay.ts')],
    outfile: join(to, 'relay.mjs'),
    bundle: true,
    minify: true,
    charset: 'utf8',
    format: 'esm',
    platform: 'node',
    target: 'node22',
    mainFields: ['module', 'main'],
    plugins: [exportedData],
    // cli-table3 tries to load it, and works without it.
    external: ['@colors/colors'],
    banner: { js: REQUIRE },
    legalComments: 'none',
  });
}
