import { afterEach, expect, it, vi } from 'vitest';
import { findPython, isUnreachable, Unavailable } from '../../../infra/check-aws/python.ts';

afterEach(() => vi.unstubAllEnvs());

it('says that Python was not found', async () => {
  vi.stubEnv('PATH', '/nonexistent');

  await expect(findPython()).rejects.toThrow(Unavailable);
});

it.each<[string, boolean, string]>([
  ['cannot be reached', true, "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError()'"],
  ['does not respond', true, 'pip._vendor.urllib3.exceptions.ReadTimeoutError: Read timed out.'],
  ['lacks the version', false, 'ERROR: Could not find a version that satisfies the requirement moto==0.0.0'],
  ['has a package that does not build', false, 'error: subprocess-exited-with-error'],
])('knows from the output of pip whether the index %s', (_what, is, stderr) => {
  expect(isUnreachable(stderr)).toBe(is);
});
