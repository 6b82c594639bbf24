import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

it('has a screenshot of the console of at most 150 KB', () => {
  expect(statSync(join(import.meta.dirname, '../../docs/console.png')).size).toBeLessThanOrEqual(150 * 1024);
});
