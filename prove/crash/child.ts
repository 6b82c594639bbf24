import { createHook } from 'node:async_hooks';
import { writeSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { invoke } from '../../local/lambda.ts';

/**
 * The execution environment of a function (its bundle, its name) for one event, which it reads from stdin. It is killed
 * when it comes to its `crashAt`th await; if it does not come so far, it says so and gives the answer.
 */
const [, , bundle = '', name = '', crashAt = ''] = process.argv;
const { handler } = await import(bundle);
// Who is killed leaves none.
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
const answer = await invoke(name, handler, event, () => 60_000);
hook.disable();
writeSync(3, JSON.stringify({ awaits, answer }));
process.exit();
