import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const RULES = ['test/core/**/*.test.ts', 'test/sources/**/*.test.ts', 'test/pages/**/*.test.ts'];
const TEMPLATE = ['test/infra/template/*.test.ts'];

/** Your own configuration does not change what the tests expect. */
const env = { RELAY_CONFIG: fileURLToPath(new URL('relay.config.example.ts', import.meta.url)) };
const common = { pool: 'threads', testTimeout: 60_000, hookTimeout: 120_000, env } as const;
/** For tests whose output and requests are searched for addresses and secrets: see test/watch/. */
const watched = { ...common, setupFiles: 'test/watch/setup.ts' };

export default defineConfig({
  test: {
    maxWorkers: 4,
    reporters: ['default', './test/closing-line.ts'],
    // `npm run coverage`: all lines and branches of the rules.
    coverage: {
      provider: 'v8',
      include: ['functions/core/**', 'functions/sources/**'],
      reporter: [['text', { skipFull: true }]],
      thresholds: { lines: 100, branches: 100, functions: 100, statements: 100 },
    },
    projects: [
      // These modules have no state, so all test files share one module cache. A test without an assertion fails.
      { test: { ...common, name: 'rules', include: RULES, isolate: false, expect: { requireAssertions: true } } },
      { test: { ...watched, name: 'template', include: TEMPLATE, globalSetup: 'test/infra/packaged.ts' } },
      { test: { ...watched, name: 'stack', include: ['test/**/*.test.ts'], exclude: [...RULES, ...TEMPLATE] } },
    ],
  },
});
