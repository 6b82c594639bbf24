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
    plan: undefined,
    sweep: () => sweep(),
    refresh,
  });
  const watch = (_request: unknown, answer: () => Promise<object>) => answer();
  gateway = await startGateway({ port: 0, routes: () => [], local: () => local, watch });
  url = `http://127.0.0.1:${gateway.port}`;
});
afterEach(() => gateway.close());

it('serves one page that asks for nothing else and runs its own script only', async () => {
  const response = await fetch(`${url}/_local`);

  const page = await response.text();
  expect(Buffer.byteLength(page)).toBeLessThan(60_000);
  expect(page).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  expect(page.match(/<script/g)).toHaveLength(1);
  const script = page.slice(page.indexOf('<script>') + 8, page.indexOf('</script>'));
  const hash = createHash('sha256').update(script).digest('base64');
  expect(response.headers.get('content-security-policy')).toContain(`script-src 'sha256-${hash}'`);
});

it.each(['break/down', 'mend'])('leaves the real HubSpot whole: %s', async (path) => {
  const response = await fetch(`${url}/_local/${path}`, { method: 'POST' });

  expect(response.status).toBe(409);
  expect(await response.json()).toMatchObject({ problem: expect.stringContaining('real HubSpot') });
});

it('sweeps now, and says when a part of it has failed', async () => {
  const answers: number[] = [];
  for (const outcome of [() => Promise.resolve(), () => Promise.reject(new Error('the ledger is down'))]) {
    sweep = outcome;
    answers.push((await fetch(`${url}/_local/sweep`, { method: 'POST' })).status);
  }

  expect(answers).toEqual([200, 500]);
});

it('tells the page that the real HubSpot is in use', async () => {
  const viewer = await viewEvents(url);

  const [setup] = await until(
    async () => viewer.newest('setup'),
    (setups) => setups.length === 1,
  );
  expect(setup).toMatchObject({ hubspot: { isSimulated: false } });
  viewer.leave();
});
