import { fork } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Invoked } from './function-child.ts';

/** Lambda lets the heap take nine tenths of the memory of a function. */
const HEAP_SHARE = 0.9;

/** A function in a process of its own, as Lambda runs it, so that its memory and its CPU time can be measured. */
export interface FunctionProcess {
  /** Rejects if the process ends instead of responding. */
  readonly invoke: (event: unknown) => Promise<Invoked>;
  /** How many times slower than the machine for which limits are stated. Measures it. */
  readonly slowness: () => Promise<number>;
  readonly close: () => Promise<void>;
}

export interface FunctionOptions {
  /** The environment of the function. The variables of this process are not passed on. */
  readonly env: Readonly<Record<string, string>>;
  /** Memory of the function in MB. Only the heap is limited; compare `peakMb` for the whole. */
  readonly memoryMb: number;
}

/** Starts a process that runs the function `name`. Its standard output is discarded. */
export async function startFunction(name: string, { env, memoryMb }: FunctionOptions): Promise<FunctionProcess> {
  const child = fork(fileURLToPath(new URL('function-child.ts', import.meta.url)), [name], {
    env: { PATH: process.env.PATH, ...env },
    execArgv: [`--max-old-space-size=${Math.floor(memoryMb * HEAP_SHARE)}`],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit').then(([code, signal]): never => {
    throw new Error(`the process of ${name} ended with ${code ?? signal}`);
  });
  ended.catch(() => {});
  const reply = async () => (await Promise.race([once(child, 'message'), ended]))[0];
  const ask = (question: unknown) => {
    const replied = reply();
    child.send(Object(question));
    return replied;
  };
  await reply();
  return {
    invoke: (event) => ask({ event }),
    slowness: () => ask({}),
    async close() {
      child.disconnect();
      await ended.catch(() => {});
    },
  };
}
