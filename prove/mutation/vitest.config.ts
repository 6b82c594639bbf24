import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** The tests of the rules, for it is the rules that are mutated; they run thousands of times, hence with few runs. */
export default defineConfig({
  test: {
    include: ['test/core/**/*.test.ts', 'test/sources/**/*.test.ts'],
    isolate: false,
    testTimeout: 20_000,
    alias: [{ find: /^fast-check$/, replacement: fileURLToPath(new URL('few-runs.ts', import.meta.url)) }],
  },
});
