import { afterAll } from 'vitest';
import { startWatch } from './watch.ts';

const told = startWatch();

/** The last thing in every test file: nothing that it made the relay write or ask tells an address or a secret. */
afterAll(() => {
  const leaks = told();
  if (leaks.length > 0) throw new Error(`a leak\n${leaks.join('\n')}`);
});
