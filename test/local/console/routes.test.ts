import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFeed } from '../../../local/console/feed.ts';
import { consoleRoutes } from '../../../local/console/routes.ts';
import type { Gateway } from '../../../local/gateway.ts';
import { startGateway } from '../../../local/gateway.ts';
import { until } from '../stack-under-test.ts';
import { viewEvents } from './event-stream.ts';

let gateway: Gateway;
let url: string;
let sweep: () => Promise<void>;

beforeEach(async () => {
  const hubspotUrl = 'https://api.hubapi.com';
  const refresh = async () => undefined;
  const local = consoleRoutes({
    feed: createFeed(),
    url: '',
    hubspotUrl,
    dir: '.local',
    plan: undefined,
    sweep: () => sweep(),
    refresh,
  });
  const watch = (_request: unknown, respond: () => Promise<object>) => respond();
  gateway = await startGateway({ port: 0, routes: () => [], local: () => local, watch, origins: [] });
  url = `http://127.0.0.1:${gateway.port}`;
});
afterEach(() => gateway.close());

it('serves one self-contained page that runs only its own script', async () => {
  const response = await fetch(`${url}/_local`);

  const page = await response.text();
  expect(Buffer.byteLength(page)).toBeLessThan(60_000);
  expect(page).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  expect(page.match(/<script/g)).toHaveLength(1);
  const script = page.slice(page.indexOf('<script>') + 8, page.indexOf('</script>'));
  const hash = createHash('sha256').update(script).digest('base64');
  expect(response.headers.get('content-security-policy')).toContain(`script-src 'sha256-${hash}'`);
});

it.each(['break/down', 'repair'])('does not change the real HubSpot: %s', async (path) => {
  const response = await fetch(`${url}/_local/${path}`, { method: 'POST' });

  expect(response.status).toBe(409);
  expect(await response.json()).toMatchObject({ problem: expect.stringContaining('real HubSpot') });
});

it('runs the sweep and reports a failed part', async () => {
  const statuses: number[] = [];
  for (const outcome of [() => Promise.resolve(), () => Promise.reject(new Error('the ledger is down'))]) {
    sweep = outcome;
    statuses.push((await fetch(`${url}/_local/sweep`, { method: 'POST' })).status);
  }

  expect(statuses).toEqual([200, 500]);
});

it('shows that the real HubSpot is in use', async () => {
  const viewer = await viewEvents(url);

  const [setup] = await until(
    async () => viewer.newest('setup'),
    (setups) => setups.length === 1,
  );
  expect(setup).toMatchObject({ hubspot: { isSimulated: false } });
  viewer.leave();
});
