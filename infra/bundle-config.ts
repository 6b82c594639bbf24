import { pathToFileURL } from 'node:url';
import type { Plugin } from 'esbuild';

/**
 * Replaces `relay.config.ts` with what it exports, which is data. It is checked here, and the bundles need neither its schema nor
 * the time to check it at every cold start.
 */
export const checkedConfig: Plugin = {
  name: 'checked-config',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]relay\.config\.ts$/ }, async ({ path }) => {
      const { relayConfig } = await import(pathToFileURL(path).href);
      return { contents: `export const relayConfig = ${JSON.stringify(relayConfig)};` };
    });
  },
};
