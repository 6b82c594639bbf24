import process from 'node:process';
import { parseArgs } from 'node:util';
import type { Handler } from '../local/lambda.ts';
import { invoke } from '../local/lambda.ts';

const WARM_UP = 200;
const MEASURED = 1000;

/** Runs as a separate process: invokes a bundle's handler repeatedly and writes the median time, in ms, to stderr. */
const { values } = parseArgs({
  options: { bundle: { type: 'string', default: '' }, event: { type: 'string', default: '{}' } },
});
const { handler }: { readonly handler: Handler } = await import(values.bundle);
const took: number[] = [];
for (let count = -WARM_UP; count < MEASURED; count += 1) {
  const event = JSON.parse(values.event.replaceAll('@N@', String(count + WARM_UP)));
  const startedAt = performance.now();
  await invoke('bench', handler, event);
  if (count >= 0) took.push(performance.now() - startedAt);
}
took.sort((one, two) => one - two);
process.stderr.write(`${took[MEASURED / 2]}`);
