import { expect, it } from 'vitest';
import { pageRoutes } from '../../functions/pages/routes.ts';
import { AT } from '../core/examples.ts';
import { EMAIL, sealing, site } from './visitor.ts';

const link = `/u/${await sealing().sealLink({ email: EMAIL })}`;
const receipt = `/receipts/${await sealing().sealStatusToken({ id: 'i', receivedAt: AT.toISOString() })}`;

it('defines exactly the documented routes', () => {
  expect(Object.keys(pageRoutes(site().ports)).toSorted()).toEqual([
    'GET /',
    'GET /health',
    'GET /receipts/{receipt}',
    'GET /u/{token}',
    'GET /unsubscribe',
    'GET /unsubscribe-form.js',
    'HEAD /',
    'HEAD /receipts/{receipt}',
    'HEAD /u/{token}',
    'HEAD /unsubscribe',
    'HEAD /unsubscribe-form.js',
    'OPTIONS /unsubscribe',
    'POST /u/{token}',
    'POST /unsubscribe',
  ]);
});

it.each([
  ['GET', link, 200],
  ['HEAD', link, 200],
  ['POST', link, 200],
  ['GET', '/unsubscribe', 200],
  ['GET', receipt, 200],
  ['HEAD', receipt, 200],
  ['GET', '/u/broken', 400],
  ['POST', '/unsubscribe', 415],
  ['GET', '/nowhere', 404],
])('answers %s %.10s… with the security headers of a page', async (method, path, status) => {
  const { status: actualStatus, headers, body } = await site().visit(method, path);

  expect(actualStatus).toBe(status);
  expect(headers).toMatchObject({
    'cache-control': 'no-store',
    'content-type': 'text/html; charset=utf-8',
    'referrer-policy': 'no-referrer',
    'strict-transport-security': expect.stringMatching(/^max-age=\d{8,}/),
    'x-content-type-options': 'nosniff',
    'x-robots-tag': 'noindex',
    'content-security-policy': expect.stringMatching(/^default-src 'none';.*form-action 'self'/),
  });
  expect(headers).not.toHaveProperty('set-cookie');
  expect(body === '').toBe(method === 'HEAD');
});

it.each([
  ['GET', 1],
  ['HEAD', 1],
  ['OPTIONS', 0],
])('changes nothing for %s on any route', async (method, visitCount) => {
  const { visit, queued, counts, events } = site();
  const prefetch = { purpose: 'prefetch', 'sec-purpose': 'prefetch;prerender', 'x-moz': 'prefetch' };
  for (const path of [link, receipt, '/', '/unsubscribe', '/health', '/nowhere']) {
    await visit(method, path, {
      headers: { ...prefetch, 'content-type': 'application/x-www-form-urlencoded' },
      body: `email=${EMAIL}&confirm=1`,
    });
  }

  expect([queued, counts.size, events]).toEqual([[], 0, Array(visitCount).fill({ event: 'link.opened' })]);
});

it.each(['GET', 'HEAD'])('leads %s / to the form', async (method) => {
  expect(await site().visit(method, '/?lang=de')).toMatchObject({ status: 302, headers: { location: '/unsubscribe' } });
});

it('reports its health, and the version that is deployed', async () => {
  expect(await site().visit('GET', '/health')).toMatchObject({
    status: 200,
    body: '{"ok":true,"version":"1.2.3+abcdef0"}',
  });
});
