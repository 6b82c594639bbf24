import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { ROOT } from '../packaged.ts';
import { dev } from './template.ts';

/** Returns the cost of a million opt-outs in US dollars. */
async function costOf(template: object): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'optout-relay-cost-'));
  writeFileSync(join(folder, 'template.json'), JSON.stringify(template));
  const args = [join(ROOT, 'infra/cost.ts'), '--template', join(folder, 'template.json')];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  rmSync(folder, { recursive: true, force: true });
  return Number(/total\D*([\d.]+)/.exec(stdout)?.[1]);
}

it('follows the template: doubling the memory doubles the cost of waiting for HubSpot', async () => {
  const larger = structuredClone(dev);
  Object.assign(larger.Resources.DeliverLambdaFunction?.Properties ?? {}, { MemorySize: 1024 });

  const [cost, more] = await Promise.all([costOf(dev), costOf(larger)]);

  expect(cost).toBeGreaterThan(5);
  expect(more - cost).toBeGreaterThan(2);
});

it('follows the template: removing an index saves two write units per opt-out', async () => {
  const smaller = structuredClone(dev);
  const ledger = smaller.Resources.Ledger?.Properties as { GlobalSecondaryIndexes: unknown[] };
  ledger.GlobalSecondaryIndexes = ledger.GlobalSecondaryIndexes.slice(1);

  const [cost, less] = await Promise.all([costOf(dev), costOf(smaller)]);

  expect(cost - less).toBeCloseTo(1.25);
});
