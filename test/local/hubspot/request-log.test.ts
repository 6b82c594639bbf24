import { expect, it } from 'vitest';
import { createRequestLog } from '../../../local/hubspot/request-log.ts';

const request = (path: string) => ({ at: '2026-11-23T12:00:00.000Z', method: 'GET', path });

it('keeps the last 200,000 requests, and notes the status of each when it is known', () => {
  const log = createRequestLog();
  for (let index = 0; index < 220_005; index += 1) log.add(request(`/${index}`));
  const answered = log.add(request('/last'));
  expect(log.all().at(-1)).toEqual({ ...request('/last'), status: 0 });

  answered(204);

  const kept = log.all();
  expect(kept).toHaveLength(200_000);
  expect(kept[0]?.path).toBe('/20006');
  expect(kept.at(-1)).toEqual({ ...request('/last'), status: 204 });
});
