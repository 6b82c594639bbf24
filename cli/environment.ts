import { readFileSync } from 'node:fs';
import process from 'node:process';
import { parseEnv } from 'node:util';
import type { Variables } from '../functions/config/environment.ts';
import { readEnvironment } from '../functions/config/environment.ts';
import { Misconfigured } from '../functions/core/model/errors.ts';
import { UsageError } from './command.ts';

/** The variables that say which relay is meant, from the environment or, in its place, a file of KEY=value lines. */
export function environmentOf<Name extends keyof Variables>(
  envFile: string | undefined,
  ...names: readonly Name[]
): Pick<Variables, Name> {
  takeEnvironment(envFile);
  try {
    return readEnvironment(...names);
  } catch (error) {
    throw error instanceof Misconfigured
      ? new UsageError(`${error.message}: set it, or name a file with --env`)
      : error;
  }
}

/** Sets what stands in the file, for this process. */
export function takeEnvironment(envFile: string | undefined): void {
  if (envFile !== undefined) Object.assign(process.env, parseEnv(readFileSync(envFile, 'utf8')));
}
