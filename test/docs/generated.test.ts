import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { GENERATED } from '../../infra/docs/generated.ts';

it.each(Object.entries(GENERATED))('has %s up to date; if not, run npm run docs', (file, generate) => {
  expect(readFileSync(join(import.meta.dirname, '../..', file), 'utf8')).toBe(generate());
});
