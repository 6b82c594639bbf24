import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import process from 'node:process';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** The result of a function that was not killed. */
export interface FunctionResult {
  /** How many awaits the function executed. */
  readonly awaits: number;
  readonly response?: unknown;
}

/** A process with a function that is killed at a given await. */
export interface CrashingProcess {
  /** Invokes the function once. Returns undefined if it was killed. */
  run(event: unknown): Promise<FunctionResult | undefined>;
  /** Ends the process if it is not needed. */
  end(): void;
}

const CHILD = fileURLToPath(new URL('child.ts', import.meta.url));

/** Starts a process that loads the function and waits for its event. */
export function startCrashingProcess(
  crashAt: number,
  {
    bundles,
    name,
    env: own = {},
  }: { readonly bundles: string; readonly name: string; readonly env?: NodeJS.ProcessEnv | undefined },
): CrashingProcess {
  const args = [CHILD, join(bundles, name, 'index.mjs'), name, `${crashAt}`];
  const env = { ...process.env, ...own, NODE_COMPILE_CACHE: join(bundles, 'compiled') };
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'ignore', 'inherit', 'pipe'], env });
  return {
    async run(event) {
      child.stdin?.end(JSON.stringify(event));
      const [output, [code, signal]] = await Promise.all([text(child.stdio[3] as Readable), once(child, 'exit')]);
      if (signal === 'SIGKILL') return undefined;
      if (code !== 0) throw new Error(`the function exited with ${code}`);
      return JSON.parse(output) as FunctionResult;
    },
    end: () => void child.kill('SIGKILL'),
  };
}
