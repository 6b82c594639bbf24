import { expect, it } from 'vitest';
import { createRequestLog } from '../../../local/hubspot/request-log.ts';

const request = (path: string) => ({ at: '2026-11-23T12:00:00.000Z', method: 'GET', path });

it('keeps the last 200,000 requests and sets the status of each later', () => {
  const log = createRequestLog();
  for (let index = 0; index < 220_005; index += 1) log.add(request(`/${index}`));
  const setStatus = log.add(request('/last'));
  expect(log.all().at(-1)).toEqual({ ...request('/last'), status: 0 });

  setStatus(204);

  const entries = log.all();
  expect(entries).toHaveLength(200_000);
  expect(entries[0]?.path).toBe('/20006');
  expect(entries.at(-1)).toEqual({ ...request('/last'), status: 204 });
});
