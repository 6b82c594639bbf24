import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Bundle } from '../infra/bundle.ts';
import { bundle } from '../infra/bundle.ts';
import { closeServer } from '../local/listen.ts';
import { linkEvents, SAMPLE_SECRETS, sampleEvents } from './events.ts';
import { startFakeServices } from './fake-services.ts';
import { measureSurvey } from './survey.ts';
import { measureThroughput } from './throughput.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const COLD_RUNS = 20;
/** Writes the time of an import in ms and the memory after it in MB. */
const IMPORT = `const at = performance.now(); await import(process.argv[1]); const ms = performance.now() - at;
process.stderr.write(JSON.stringify([ms, process.memoryUsage.rss() / 1048576]))`;

interface Subject {
  readonly name: string;
  readonly file: string;
}

const dir = mkdtempSync(join(tmpdir(), 'optout-relay-bench-'));
try {
  const services = await startFakeServices(SAMPLE_SECRETS);
  const all = await subjects();
  await measure(all, services.url);
  await measureLinks(all, services.url);
  console.table(await measureThroughput(new Date()));
  console.table(await measureSurvey(dir));
  await closeServer(services.server);
} finally {
  rmSync(dir, { recursive: true, force: true });
}

/** An empty function as the floor, the obvious alternative, a lean handler, and the relay's functions. */
async function subjects(): Promise<readonly Subject[]> {
  const alternative = join(HERE, 'alternative');
  if (!existsSync(join(alternative, 'node_modules')))
    execFileSync('npm', ['ci'], { cwd: alternative, stdio: 'inherit' });
  const empty = join(dir, 'empty.mjs');
  writeFileSync(empty, 'export const handler = async () => {};\n');
  const file = join(dir, 'alternative.mjs');
  const banner = { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" };
  const common = { bundle: true, minify: true, format: 'esm', platform: 'node', target: 'node24' } as const;
  await build({ ...common, entryPoints: [join(alternative, 'handler.js')], outfile: file, banner });
  const lean = join(dir, 'lean.mjs');
  await build({ ...common, entryPoints: [join(HERE, 'lean/handler.js')], outfile: lean, banner });
  const bundles = await bundle({ to: dir });
  printSources(bundles.find(({ name }) => name === 'webhook'));
  return [
    { name: 'empty', file: empty },
    { name: 'alternative', file },
    { name: 'lean', file: lean },
    ...bundles.map(({ name }) => ({ name, file: join(dir, name, 'index.mjs') })),
  ];
}

/** Prints how many bytes each source adds to the webhook bundle. */
function printSources(webhook: Bundle | undefined): void {
  const inSources = (webhook?.files ?? []).filter(({ name }) => name.startsWith('functions/sources/'));
  const each = inSources.map(({ name, bytes }) => `${name.slice('functions/sources/'.length, -'.ts'.length)} ${bytes}`);
  console.log(`Bytes of each source in the bundle: ${each.join(', ')}\n`);
}

async function measure(all: readonly Subject[], servicesUrl: string): Promise<void> {
  const cold = await coldImports(all, servicesUrl);
  const warm = new Map<string, number>();
  for (const subject of all.filter(hasEvent)) warm.set(subject.name, await warmEvent(subject, servicesUrl));
  const overFloor = (name: string, which: keyof Cold) =>
    (cold.get(name)?.[which] ?? 0) - (cold.get('empty')?.[which] ?? 0);
  const rows = all.map(({ name, file }) => ({
    function: name,
    'size KB': Math.round(statSync(file).size / 1024),
    'import ms': rounded(cold.get(name)?.ms ?? 0),
    'over floor ms': rounded(overFloor(name, 'ms')),
    'of alternative': rounded(overFloor(name, 'ms') / overFloor('alternative', 'ms')),
    'of lean': rounded(overFloor(name, 'ms') / overFloor('lean', 'ms')),
    'memory MB': rounded(cold.get(name)?.megabytes ?? 0, 1),
    ...(warm.has(name) ? { 'warm ms/event': rounded((warm.get(name) ?? 0) - (warm.get('empty') ?? 0), 3) } : {}),
  }));
  console.table(rows);
  console.log(
    `Node ${process.versions.node}, ${COLD_RUNS} cold imports of each in turn, medians; warm: fake services, median of 1,000.`,
  );
}

/** Medians of the cold imports. */
interface Cold {
  readonly ms: number;
  /** Resident memory after the import. */
  readonly megabytes: number;
}

/** Alternates between the subjects, so that a slow moment of the machine affects all of them. */
async function coldImports(all: readonly Subject[], servicesUrl: string): Promise<ReadonlyMap<string, Cold>> {
  const runs = new Map<string, (readonly [ms: number, megabytes: number])[]>(all.map(({ name }) => [name, []]));
  for (let run = 0; run < COLD_RUNS; run += 1) {
    for (const { name, file } of all) {
      const [ms, megabytes] = JSON.parse(await output(['--input-type=module', '-e', IMPORT, file], servicesUrl));
      runs.get(name)?.push([Number(ms), Number(megabytes)]);
    }
  }
  const medians = [...runs].map(([name, each]): readonly [string, Cold] => [
    name,
    { ms: median(each.map(([ms]) => ms)), megabytes: median(each.map(([, megabytes]) => megabytes)) },
  ]);
  return new Map(medians);
}

/** Measures viewing a sealed link and a one-click unsubscribe, in ms. */
async function measureLinks(all: readonly Subject[], servicesUrl: string): Promise<void> {
  const file = all.find(({ name }) => name === 'unsubscribe')?.file ?? '';
  const rows: Record<string, number> = {};
  for (const [what, event] of Object.entries(await linkEvents())) {
    rows[what] = rounded(await warm(file, event, servicesUrl), 3);
  }
  console.table(rows);
}

/** Whether a subject is measured warm: the functions on the path of an opt-out. */
function hasEvent({ name }: Subject): boolean {
  return ['empty', 'alternative', 'lean', ...Object.keys(sampleEvents(new Date()))].includes(name);
}

/** The lean handler gets the form of `unsubscribe`, the alternative the messages of `deliver`. */
function warmEvent({ name, file }: Subject, servicesUrl: string): Promise<number> {
  const { deliver, unsubscribe, ...others } = sampleEvents(new Date());
  const events: Readonly<Record<string, unknown>> = { ...others, deliver, unsubscribe, lean: unsubscribe };
  return warm(file, events[name] ?? deliver, servicesUrl);
}

async function warm(file: string, event: unknown, servicesUrl: string): Promise<number> {
  const args = [join(HERE, 'warm.ts'), '--bundle', file, '--event', JSON.stringify(event)];
  return Number(await output(args, servicesUrl));
}

/** Runs a process and returns the JSON that it writes to standard error. */
async function output(args: readonly string[], servicesUrl: string): Promise<string> {
  const env = { ...process.env, ...environment(servicesUrl) };
  const child = spawn(process.execPath, [...args], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const [written] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  if (!/^[\d.,[\]]+$/.test(written)) throw new Error(written);
  return written;
}

function environment(url: string): Record<string, string> {
  return {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench',
    AWS_ENDPOINT_URL: url,
    PUBLIC_URL: 'https://relay.example.com',
    QUEUE_URL: `${url}/000000000000/optout-relay`,
    LEDGER_TABLE: 'optout-relay',
    HUBSPOT_SECRET: 'optout-relay/hubspot',
    SOURCES_SECRET: 'optout-relay/sources',
    LINKS_SECRET: 'optout-relay/links',
    RECEIPTS_SECRET: 'optout-relay/receipts',
    HUBSPOT_BASE_URL: url,
    HUBSPOT_RATE_PER_10_S: '999999',
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function rounded(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}
