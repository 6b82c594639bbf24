import { afterAll } from 'vitest';
import { watchResponses } from './responses.ts';
import { startWatch } from './watch.ts';

const leaksFound = startWatch();

/** Fails a test file whose output or requests contain an address or a secret. */
afterAll(() => {
  const leaks = leaksFound();
  if (leaks.length > 0) throw new Error(`a leak\n${leaks.join('\n')}`);
});

const undescribedResponses = watchResponses();

/** Fails a test file to which a route responds in a way that docs/openapi.json does not describe. */
afterAll(() => {
  const found = undescribedResponses();
  if (found.length > 0) throw new Error(found.join('\n'));
});
