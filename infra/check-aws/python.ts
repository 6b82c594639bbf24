import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Something that is not available here, so that checks are left out. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
}

const PROBE = 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))';

/** Returns the command that starts Python 3.10 or later with venv and pip. @throws Unavailable if there is none */
export async function findPython(): Promise<string> {
  for (const command of ['python3', 'python']) {
    const isUsable = await run(command, ['-c', PROBE]).then(
      () => true,
      () => false,
    );
    if (isUsable) return command;
  }
  throw new Unavailable('Python 3.10 or later, with venv, was not found');
}

/**
 * Returns the folder of the commands of a virtual environment with the packages of `requirements/<name>.txt`. Creates it once for each
 * version of that file.
 *
 * @throws Unavailable if the packages cannot be downloaded
 */
export async function createEnvironment(python: string, name: string, folder: string): Promise<string> {
  const requirements = join(import.meta.dirname, `requirements/${name}.txt`);
  const version = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const environment = join(folder, `${name}-${version}`);
  const bin = join(environment, 'bin');
  const isComplete = join(environment, 'complete');
  if (existsSync(isComplete)) return bin;
  rmSync(environment, { recursive: true, force: true });
  await run(python, ['-m', 'venv', environment]);
  const options = ['--quiet', '--no-compile', '--disable-pip-version-check', '--retries', '2', '--timeout', '20'];
  await run(join(bin, 'pip'), ['install', ...options, '--requirement', requirements]).catch(explain);
  writeFileSync(isComplete, '');
  return bin;
}

function explain({ stderr = '' }: { readonly stderr?: string }): never {
  if (isUnreachable(stderr)) throw new Unavailable('the Python packages could not be downloaded');
  throw new Error(`pip failed:\n${stderr}`);
}

/** Whether pip could not reach the package index. It then also reports that it found no version of the package. */
export function isUnreachable(stderr: string): boolean {
  return /after connection broken by|connection error|Could not fetch URL|ReadTimeoutError/i.test(stderr);
}
