import { expect, it } from 'vitest';
import { createCircuitBreaker } from '../../functions/core/delivery/circuit-breaker.ts';
import { evidenceInStatus } from '../../functions/core/delivery/evidence.ts';
import type { ApiVersion } from '../../functions/core/delivery/hubspot.ts';
import { createRateLimiter } from '../../functions/core/delivery/rate-limiter.ts';
import { parseEmailAddress } from '../../functions/core/model/email-address.ts';
import { createBulkRead } from '../../functions/hubspot/bulk.ts';
import { listening } from '../aws/listening.ts';
import { ANN, simulated, TOKEN } from '../local/hubspot/simulated.ts';

const [ann, ben, cleo] = [ANN, 'ben@example.com', 'cleo@example.com'].map(parseEmailAddress);
const everybody = [ann, ben, cleo].flatMap((email) => email ?? []);
const NOW = new Date('2026-11-23T10:00:00.000Z');

function opened(url: string, version: ApiVersion = 'v4') {
  return createBulkRead({
    baseUrl: new URL(url),
    version,
    tokens: { get: async () => TOKEN, refresh: async () => TOKEN },
    rateLimiter: createRateLimiter({ ratePer10Seconds: 100_000, instances: 1 }),
    circuitBreaker: createCircuitBreaker(),
    fetch,
    clock: () => new Date(),
    report: () => undefined,
  });
}

const outIn = (answer: Awaited<ReturnType<ReturnType<typeof opened>>>) =>
  everybody.filter((email) => evidenceInStatus(answer, { email }, NOW));

it.each(['v4', '2026-03', '2026-09'] as const)('asks once for all in %s, and shows who is out', async (version) => {
  const hubspot = await simulated();
  await hubspot.sim('PUT', `contacts/${ANN}`, { optedOut: true });
  await hubspot.sim('PUT', 'contacts/cleo@example.com', { wide: [{ status: 'UNSUBSCRIBED', businessUnitId: 7 }] });

  const answer = await opened(hubspot.url, version)(everybody);

  expect(answer).toMatchObject({ status: 200, report: { status: 'COMPLETE', numErrors: 0 } });
  expect(outIn(answer)).toEqual([ann]);
  const path = `/communication-preferences/${version}/statuses/batch/unsubscribe-all/read?channel=EMAIL`;
  expect((await hubspot.sim('GET', 'requests')).json).toMatchObject([{ method: 'POST', path, status: 200 }]);
  await hubspot.close();
});

it('sends the addresses in the body, where no log of a URL can hold them', async () => {
  const { url, requests } = await listening((response) => response.end('{"status":"COMPLETE","results":[]}'));

  await opened(url)(everybody);

  expect(requests).toMatchObject([{ method: 'POST', body: JSON.stringify({ inputs: everybody }) }]);
  expect(requests[0]?.path).not.toContain('example');
  expect(requests[0]?.headers).toMatchObject({ authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' });
});

const wide = { channel: 'EMAIL', status: 'UNSUBSCRIBED', wideStatusType: 'PORTAL_WIDE' };

it.each<[string, number, object[]]>([
  ['rows that name the address themselves', 200, [{ wideStatuses: [{ ...wide, subscriberIdString: ANN }] }]],
  ['rows that leave it to their group', 200, [{ subscriberIdString: 'Ann@Example.com', wideStatuses: [wide] }]],
  [
    'an answer in part',
    207,
    [
      { subscriberIdString: ANN, wideStatuses: [wide] },
      { subscriberIdString: 'ben@example.com', wideStatuses: [] },
    ],
  ],
  [
    'groups among garbage',
    200,
    [{ wideStatuses: 'x' }, { subscriberIdString: ANN, wideStatuses: [null as never, wide] }],
  ],
])('reads %s', async (_what, status, results) => {
  const body = JSON.stringify({ status: 'COMPLETE', results, errors: [{ category: 'X' }] });
  const { url } = await listening((response) => response.writeHead(status).end(body));

  const answer = await opened(url)(everybody);

  expect(answer.status).toBe(status);
  expect(outIn(answer)).toEqual([ann]);
});

it('says so where the tier has no such call', async () => {
  const hubspot = await simulated();
  await hubspot.sim('POST', 'tokens', { tokens: [TOKEN], scopes: ['communication_preferences.read_write'] });

  expect(await opened(hubspot.url)(everybody)).toMatchObject({ status: 403, category: 'MISSING_SCOPES' });
  await hubspot.close();
});
