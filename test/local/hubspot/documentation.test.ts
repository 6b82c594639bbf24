import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Simulated, simulated } from './simulated.ts';

const page = readFileSync(new URL('../../../docs/contributing/simulator.md', import.meta.url), 'utf8');
/** The tables of the page, without their heads. */
const tables = page.split(/\n\n/).flatMap((block) => {
  const rows = block.split('\n').filter((line) => line.startsWith('|'));
  return rows.length > 2
    ? [rows.slice(2).map((row) => row.split('|').map((cell) => cell.trim().replaceAll('`', '')))]
    : [];
});
const [controls = [], settings = [], , fields = [], plans = []] = tables;

let hubspot: Simulated;
beforeAll(async () => {
  hubspot = await simulated();
});
afterAll(() => hubspot.close());

it('describes every setting of the account with its default', async () => {
  const documented = settings.map(([, name = '', value = '']) => [name, JSON.parse(value)]);

  expect(Object.fromEntries(documented)).toEqual((await hubspot.sim('GET', 'portal')).json);
});

it('describes existing control paths', async () => {
  const requests = controls.flatMap(([, cell = '']) => cell.split(', '));

  expect(requests).toHaveLength(12);
  for (const request of requests) {
    const [method = '', path = ''] = request.replace('{email}', 'ann@example.com').split(' ');
    const { status } = await hubspot.sim(method, path.replace('/_sim/', ''), method === 'GET' ? undefined : {});
    expect([200, 400], request).toContain(status);
  }
});

it('has examples of faults that the simulator accepts, with documented fields', async () => {
  const names = fields.map(([, name]) => name);

  expect(plans.length).toBeGreaterThan(5);
  for (const [, , plan = ''] of plans) {
    await hubspot.sim('POST', 'faults', []);
    const { status, json } = await hubspot.sim('POST', 'faults', plan);
    expect({ status, json }).toEqual({ status: 200, json: JSON.parse(plan) });
    expect(names).toEqual(expect.arrayContaining(Object.keys(json[0])));
  }
});
