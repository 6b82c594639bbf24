import { undescribed } from '../described-responses.ts';

/** A header of every response of the relay, and of no other server in the tests. */
const MARK = 'x-robots-tag';

/** Starts to compare every response of the relay to `fetch` with docs/openapi.json. Returns a function that lists the differences. */
export function watchResponses(): () => readonly string[] {
  const found = new Set<string>();
  const original = globalThis.fetch;
  globalThis.fetch = async (...args) => {
    const response = await original(...args);
    if (response.headers.has(MARK)) {
      const { method } = new Request(...args);
      const { status, url } = response;
      const given = { status, headers: Object.fromEntries(response.headers), body: await response.clone().text() };
      const fault = undescribed(response.redirected ? 'GET' : method, new URL(url).pathname, given);
      if (fault !== undefined) found.add(fault);
    }
    return response;
  };
  return () => [...found];
}
