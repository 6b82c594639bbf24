import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { ROOT } from '../packaged.ts';
import { dev } from './template.ts';

/** Returns the cost of a million opt-outs in US dollars: one at a time, and by HubSpot's tiers. */
async function costsOf(template: object): Promise<readonly number[]> {
  const folder = mkdtempSync(join(tmpdir(), 'optout-relay-cost-'));
  writeFileSync(join(folder, 'template.json'), JSON.stringify(template));
  const args = [join(ROOT, 'infra/cost.ts'), '--template', join(folder, 'template.json')];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  rmSync(folder, { recursive: true, force: true });
  const [, totals = ''] = /total(.*)/.exec(stdout) ?? [];
  return [...totals.matchAll(/[\d.]+/g)].map(Number);
}

it('follows the template: doubling the memory doubles the cost of waiting for HubSpot', async () => {
  const larger = structuredClone(dev);
  Object.assign(larger.Resources.DeliverLambdaFunction?.Properties ?? {}, { MemorySize: 1024 });

  const [[cost = 0], [more = 0]] = await Promise.all([costsOf(dev), costsOf(larger)]);

  expect(cost).toBeGreaterThan(5);
  expect(more - cost).toBeGreaterThan(2);
});

it.each([
  ['with keys only saves a write unit per opt-out', {}, 0.625],
  ['with whole entries saves two', { ProjectionType: 'ALL' }, 1.25],
])('follows the template: removing an index %s', async (_what, projection, saved) => {
  const [whole, smaller] = [structuredClone(dev), structuredClone(dev)];
  const indexesOf = ({ Resources }: typeof dev) =>
    Resources.Ledger?.Properties as { GlobalSecondaryIndexes: { Projection: object }[] };
  Object.assign(indexesOf(whole).GlobalSecondaryIndexes[0]?.Projection ?? {}, projection);
  indexesOf(smaller).GlobalSecondaryIndexes.shift();

  const [[cost = 0], [less = 0]] = await Promise.all([costsOf(whole), costsOf(smaller)]);

  expect(Math.abs(cost - less - saved)).toBeLessThan(0.011);
});

it('costs less per opt-out the more of them an invocation delivers, and the less it waits for the limit', async () => {
  const [single = 0, free = 0, professional = 0, enterprise = 0, batch = 0] = await costsOf(dev);

  expect(single).toBeGreaterThan(free);
  expect(free).toBeGreaterThan(professional);
  expect(professional).toBe(enterprise);
  expect(enterprise).toBeGreaterThan(batch);
});
