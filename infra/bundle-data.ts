import { pathToFileURL } from 'node:url';
import type { Plugin } from 'esbuild';
import type { MessageName } from '../functions/pages/wording.ts';
import { PLACEHOLDERS } from '../functions/pages/wording.ts';

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

const LANGUAGE = /[\\/]functions[\\/]pages[\\/]languages[\\/][^\\/]+\.ts$/;
const NAMES = Object.keys(PLACEHOLDERS) as MessageName[];

/** Writes the names of the pages' messages once, and not once in each of the 25 languages. This saves 10 KB. */
export const sharedKeys: Plugin = {
  name: 'shared-keys',
  setup({ onLoad, onResolve }) {
    onLoad({ filter: LANGUAGE }, async ({ path }) => {
      const exported: Readonly<Record<string, Readonly<Record<MessageName, string>>>> = await import(
        pathToFileURL(path).href
      );
      const lines = Object.entries(exported).map(([language, messages]) => {
        const texts = JSON.stringify(NAMES.map((name) => messages[name]));
        return `export const ${language} = /* @__PURE__ */ named(${texts});`;
      });
      return { contents: `import { named } from 'named-messages';\n${lines.join('\n')}` };
    });
    onResolve({ filter: /^named-messages$/ }, ({ path }) => ({ path, namespace: 'messages', sideEffects: false }));
    onLoad({ filter: /^named-messages$/, namespace: 'messages' }, () => ({
      contents: `const names = ${JSON.stringify(NAMES)};
export const named = (texts) => Object.fromEntries(names.map((name, index) => [name, texts[index]]));`,
    }));
  },
};
