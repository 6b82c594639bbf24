import { defineConfig } from 'vitest/config';

const RULES = ['test/core/**/*.test.ts', 'test/sources/**/*.test.ts', 'test/pages/**/*.test.ts'];
const TEMPLATE = ['test/infra/template/*.test.ts'];

const common = { pool: 'threads', testTimeout: 20_000, hookTimeout: 60_000 } as const;
/** Whose tests make the relay write and ask. */
const watched = { ...common, setupFiles: 'test/watch/setup.ts' };

export default defineConfig({
  test: {
    maxWorkers: 4,
    reporters: ['default', './test/closing-line.ts'],
    // `npm run coverage`: of the rules nothing is left untried.
    coverage: {
      provider: 'v8',
      include: ['functions/core/**', 'functions/sources/**'],
      reporter: [['text', { skipFull: true }]],
      thresholds: { lines: 100, branches: 100, functions: 100, statements: 100 },
    },
    projects: [
      // Nothing in these has a state of its own, so that a hundred files can share their modules.
      { test: { ...common, name: 'rules', include: RULES, isolate: false } },
      { test: { ...watched, name: 'template', include: TEMPLATE, globalSetup: 'test/infra/packaged.ts' } },
      { test: { ...watched, name: 'stack', include: ['test/**/*.test.ts'], exclude: [...RULES, ...TEMPLATE] } },
    ],
  },
});
