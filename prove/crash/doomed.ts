import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import process from 'node:process';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { CrashEnd } from './ways.ts';

/** A function in a process that does not live beyond a certain await. */
export interface Doomed {
  /** Runs it once. Undefined: it was killed. */
  run(event: unknown): Promise<CrashEnd | undefined>;
  /** It is not needed. */
  end(): void;
}

const CHILD = fileURLToPath(new URL('child.ts', import.meta.url));

/** Loads the function at once, for an event that comes later. */
export function startDoomed(
  crashAt: number,
  { bundles, name }: { readonly bundles: string; readonly name: string },
): Doomed {
  const args = [CHILD, join(bundles, name, 'index.mjs'), name, `${crashAt}`];
  const env = { ...process.env, NODE_COMPILE_CACHE: join(bundles, 'compiled') };
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'ignore', 'inherit', 'pipe'], env });
  return {
    async run(event) {
      child.stdin?.end(JSON.stringify(event));
      const [said, [code, signal]] = await Promise.all([text(child.stdio[3] as Readable), once(child, 'exit')]);
      if (signal === 'SIGKILL') return undefined;
      if (code !== 0) throw new Error(`the function ended with ${code}`);
      return JSON.parse(said) as CrashEnd;
    },
    end: () => void child.kill('SIGKILL'),
  };
}
