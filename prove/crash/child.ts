import { createHook } from 'node:async_hooks';
import { writeSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { invoke } from '../../local/lambda.ts';

/**
 * Runs a function (its bundle and name) for one event from stdin. The process kills itself at the `crashAt`th await. If the
 * function completes before, its response and the number of awaits are written to file descriptor 3.
 */
const [, , bundle = '', name = '', crashAt = ''] = process.argv;
const { handler } = await import(bundle);
// A killed process would not write the cache.
flushCompileCache();
const event: unknown = JSON.parse(await text(process.stdin));

const promises = new Set<number>();
let awaits = 0;
const hook = createHook({
  init(id, type) {
    if (type === 'PROMISE') promises.add(id);
  },
  before(id) {
    if (!promises.has(id)) return;
    awaits += 1;
    if (awaits === Number(crashAt)) process.kill(process.pid, 'SIGKILL');
  },
});
hook.enable();
const response = await invoke(name, handler, event, () => 60_000);
hook.disable();
writeSync(3, JSON.stringify({ awaits, response }));
process.exit();
