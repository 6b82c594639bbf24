import { defineConfig } from 'vitest/config';

/** Files that are watched as those of `npm test` are. */
export default defineConfig({
  test: { root: import.meta.dirname, include: ['*.leak.ts'], setupFiles: '../setup.ts', pool: 'threads' },
});
