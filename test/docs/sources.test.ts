import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sources } from '../../functions/sources/index.ts';
import type { StackUnderTest } from '../local/stack-under-test.ts';
import { stackUnderTest, until } from '../local/stack-under-test.ts';

const ROOT = join(import.meta.dirname, '../..');
const run = promisify(execFile);
let stack: StackUnderTest;

beforeAll(async () => {
  stack = await stackUnderTest({}, undefined, {});
});
afterAll(() => stack.stop());

const SECTIONS = ['Switch it on', 'Secret', 'Events', 'Verification', 'Retries', 'Not verified', 'Try it'];
/** Sections of some pages only. */
const OPTIONAL: ReadonlySet<string | undefined> = new Set(['Field map', 'Recipes', 'Already suppressed']);

interface Trial {
  /** The shell commands from the page. */
  readonly commands: string;
  readonly prints: string;
  /** The address that the commands opt out. */
  readonly optedOut: string | undefined;
}

function trialOf(page: string): Trial {
  const [, trial = ''] = page.split('\n## Try it\n');
  const [, commands = '', prints = ''] = /```sh\n([\s\S]*?)```[\s\S]*?```text\n([\s\S]*?)```/.exec(trial) ?? [];
  return { commands, prints, optedOut: /_sim\/contacts\/(\S+@example\.com)/.exec(trial)?.[1] };
}

/** Replaces the page's URLs by those of the stack under test. */
function here(commands: string): string {
  const { url, hubspotUrl, dir } = stack;
  return commands
    .replaceAll('http://127.0.0.1:8787', url)
    .replaceAll('http://127.0.0.1:8788', hubspotUrl)
    .replaceAll('.local/', `${dir}/`);
}

describe.each(sources.map(({ name }) => name))('docs/sources/%s.md', (name) => {
  const page = readFileSync(join(ROOT, `docs/sources/${name}.md`), 'utf8');

  it('has every section, and is listed in docs/sources.md', () => {
    const sections = [...page.matchAll(/^## (.+)$/gm)].map(([, name]) => name).filter((name) => !OPTIONAL.has(name));

    expect(sections).toEqual(SECTIONS);
    expect(page).toMatch(/^# \S/);
    expect(readFileSync(join(ROOT, 'docs/sources.md'), 'utf8')).toContain(`(sources/${name}.md)`);
  });

  it('shows commands that print the documented output and opt out the documented address', async () => {
    const { commands, prints, optedOut } = trialOf(page);
    expect(commands).toContain(`http://127.0.0.1:8787/webhooks/${name}`);

    const { stdout } = await run('bash', ['-c', here(commands)], { cwd: ROOT });

    expect(stdout).toBe(prints);
    if (optedOut !== undefined)
      await until(
        () => stack.contact(optedOut),
        (contact) => contact.optedOut,
      );
  });
});
