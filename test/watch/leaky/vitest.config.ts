import { defineConfig } from 'vitest/config';

/** Runs the leaky test files with the same watch as `npm test`. */
export default defineConfig({
  test: { root: import.meta.dirname, include: ['*.leak.ts'], setupFiles: '../setup.ts', pool: 'threads' },
});
