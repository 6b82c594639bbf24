import { configurationPage } from './configuration.ts';

/** The files that `npm run docs` writes, by path. */
export const GENERATED: Readonly<Record<string, () => string>> = {
  'docs/configuration.md': configurationPage,
};
