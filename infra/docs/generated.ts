import { configurationPage } from './configuration.ts';
import { openApi } from './openapi.ts';

/** The files that `npm run docs` writes, by path. */
export const GENERATED: Readonly<Record<string, () => string>> = {
  'docs/configuration.md': configurationPage,
  'docs/openapi.json': openApi,
};
