import process from 'node:process';
import { parseArgs } from 'node:util';
import { activeSources } from '../functions/config/active-sources.ts';
import { Misconfigured } from '../functions/core/model/errors.ts';
import { mapped, ofPortal, sources } from '../functions/sources/index.ts';
import type { Bundle } from './bundle.ts';
import { bundle } from './bundle.ts';
import { bundleLinks } from './bundle-links.ts';
import { bundleRelay } from './bundle-relay.ts';
import { ownConfigFile } from './own-config.ts';

/** Maximum minified size of a function. 100 KB cost about 10 ms of every cold start. */
const BUDGET_BYTES = 400 * 1024;

const { values } = parseArgs({
  options: {
    from: { type: 'string' },
    to: { type: 'string' },
  },
});
await checkConfig();
const bundles = await bundle(values);
for (const each of bundles) console.log(describe(each));
if (values.from === undefined) await Promise.all([bundleLinks(values.to), bundleRelay(values.to)]);

const tooLarge = bundles.filter(({ bytes }) => bytes > BUDGET_BYTES);
for (const { name, bytes } of tooLarge) {
  console.error(`${name} is ${kilobytes(bytes - BUDGET_BYTES)} over its budget of ${kilobytes(BUDGET_BYTES)}`);
}
process.exitCode = tooLarge.length > 0 ? 1 : 0;

/** Validates the configuration as every function does at its cold start, and exits with 1 if it is invalid. */
async function checkConfig(): Promise<void> {
  try {
    const { relayConfig } = await import('../relay.config.ts');
    activeSources({ sources, mapped, ofPortal }, relayConfig);
  } catch (error) {
    if (!(error instanceof Misconfigured)) throw error;
    console.error(`${error.message}${ownConfigFile ? ` (in ${ownConfigFile})` : ''}`);
    process.exit(1);
  }
}

/** Returns one line for the function and one for each of its five largest parts. */
function describe({ name, bytes, gzipBytes, parts }: Bundle): string {
  const share = `${Math.round((100 * bytes) / BUDGET_BYTES)} % of ${kilobytes(BUDGET_BYTES)}`;
  const largest = parts.slice(0, 5).map((part) => `  ${kilobytes(part.bytes).padStart(9)}  ${part.name}`);
  return [`${name}: ${kilobytes(bytes)}, ${kilobytes(gzipBytes)} gzipped, ${share}`, ...largest].join('\n');
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KB`;
}
