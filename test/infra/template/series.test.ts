import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { ROOT } from '../packaged.ts';
import { series } from './emitted.ts';
import { dev, ofType } from './template.ts';

/** Functions that take signals in. Each source has one of them, or two with the same metrics. */
const INTAKE = ['webhook', 'unsubscribe', 'events', 'mailbox'];

/** Number of different metrics of functions, with exactly these dimensions. */
function count(dimensions: string, of: (service: string) => boolean): number {
  const names = series.flatMap((each) =>
    each.dimensions.join() === dimensions && of(each.service) ? [`${each.service} ${each.name}`] : [],
  );
  return new Set(names).size;
}

const perSource = (services: readonly string[]) => count('service,source', (service) => services.includes(service));

it.each([0, 3, 35])('is bounded: npm run cost computes how many there are at most with %i sources', async (sources) => {
  const ofFunctions = count('service', () => true) + ofType('AWS::Logs::MetricFilter').length;
  const ofSource = Math.max(...INTAKE.map((name) => perSource([name]))) + perSource(['deliver', 'sweep']);
  const ofSourcesWithoutSecret = 1;

  const most = ofFunctions + sources * ofSource + ofSourcesWithoutSecret;
  expect(await costs('--sources', String(sources))).toContain(
    `Custom metrics with ${sources} sources: at most ${most}, ${ofSource} per source.`,
  );
});

it('has no dimension but service, source and version', () => {
  expect(new Set(series.flatMap(({ dimensions }) => dimensions))).toEqual(new Set(['service', 'source', 'version']));
});

/** Runs `npm run cost` for the stage dev. */
async function costs(...args: readonly string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'optout-relay-series-'));
  const template = join(folder, 'template.json');
  writeFileSync(template, JSON.stringify(dev));
  const script = join(ROOT, 'infra/cost.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script, '--template', template, ...args]);
  rmSync(folder, { recursive: true, force: true });
  return stdout;
}
