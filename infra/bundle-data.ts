import { pathToFileURL } from 'node:url';
import type { Plugin } from 'esbuild';

/**
 * Replaces `relay.config.ts` and `infra/version.ts` with what they export, which is data. The configuration is checked here, and
 * the bundles need neither its schema nor the time to check it at every cold start.
 */
export const exportedData: Plugin = {
  name: 'exported-data',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/](?:relay\.config|infra[\\/]version)\.ts$/ }, async ({ path }) => {
      const exported = Object.entries(await import(pathToFileURL(path).href));
      return {
        contents: exported.map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};`).join('\n'),
      };
    });
  },
};
