import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Runs the tests of core and sources, the mutated code. Property tests run few cases, since every test runs thousands of times. */
export default defineConfig({
  test: {
    include: ['test/core/**/*.test.ts', 'test/sources/**/*.test.ts'],
    isolate: false,
    testTimeout: 20_000,
    alias: [{ find: /^fast-check$/, replacement: fileURLToPath(new URL('few-runs.ts', import.meta.url)) }],
  },
});
