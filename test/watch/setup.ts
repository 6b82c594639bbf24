import { afterAll } from 'vitest';
import { startWatch } from './watch.ts';

const leaksFound = startWatch();

/** Fails a test file whose output or requests contain an address or a secret. */
afterAll(() => {
  const leaks = leaksFound();
  if (leaks.length > 0) throw new Error(`a leak\n${leaks.join('\n')}`);
});
