import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

/** The version and, in a clone, the commit that was built: `1.0.0+a3d99d4`, or `1.0.0+a3d99d4-dirty` with changes. */
export const version = [JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version, ...commit()].join('+');

function commit(): readonly string[] {
  if (!existsSync(join(ROOT, '.git'))) return [];
  try {
    const described = ['describe', '--always', '--dirty', '--abbrev=7', '--exclude=*'];
    return [
      execFileSync('git', described, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim(),
    ];
  } catch {
    return []; // Git is not installed, or the clone belongs to another user.
  }
}
