import { readFileSync } from 'node:fs';
import process from 'node:process';
import { parseEnv } from 'node:util';
import type { Variables } from '../functions/config/environment.ts';
import { readEnvironment } from '../functions/config/environment.ts';
import { Misconfigured } from '../functions/core/model/errors.ts';
import { UsageError } from './command.ts';

/**
 * Reads variables from the environment, after loading the `--env` file if there is one.
 * @throws UsageError if one is missing or not valid
 */
export function requireEnvironment<Name extends keyof Variables>(
  envFile: string | undefined,
  ...names: readonly Name[]
): Pick<Variables, Name> {
  loadEnvFile(envFile);
  try {
    return readEnvironment(...names);
  } catch (error) {
    throw error instanceof Misconfigured ? new UsageError(`${error.message}: set it, or pass --env <file>`) : error;
  }
}

/** Sets the variables of a file of KEY=value lines for this process, overriding those of the environment. */
export function loadEnvFile(envFile: string | undefined): void {
  if (envFile !== undefined) setVariables(parseEnv(readFileSync(envFile, 'utf8')));
}

/**
 * Sets variables of this process. Access keys in them replace a profile, which the AWS SDK would prefer, and the session token of
 * other keys.
 */
export function setVariables(variables: Readonly<Record<string, string | undefined>>): void {
  if (variables.AWS_ACCESS_KEY_ID) {
    delete process.env.AWS_PROFILE;
    delete process.env.AWS_SESSION_TOKEN;
  }
  Object.assign(process.env, variables);
}
