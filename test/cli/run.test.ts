import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ENTRY_FIELDS } from '../../cli/entries/fields.ts';
import { optionsKeptByNpm } from '../../cli/npm-options.ts';
import { run } from './relay-under-test.ts';

const { stdout: overview } = await run(['help']);
const names = [...overview.matchAll(/^ {2}relay (\w+) {2,}/gm)]
  .map(([, name = '']) => name)
  .filter((name) => name !== 'help');
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(new URL('../../docs/relay.md', import.meta.url), 'utf8');

describe('relay help', () => {
  it('lists every command', () => {
    expect(names).toContain('why');
    expect(names).toHaveLength(17);
    expect(overview).toMatch(/\nExit codes: 0 success, 1 something failed, 2 usage error\.\n$/);
  });

  it.each(names)('describes %s: summary, usage, examples and exit codes', async (name) => {
    const { stdout, code } = await run(['help', name]);

    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^relay ${name}: .*\\n\\n  relay ${name} `));
    expect(stdout).toMatch(new RegExp(`\\nExamples\\n  npx relay ${name} `));
    expect(stdout).toMatch(/\nExit codes: 0 success, 1 .*, 2 usage error\.\n$/);
    expect(await run([name, '--help'])).toEqual({ stdout, stderr: '', code: 0 });
  });

  it.each(['', ...names])('is at most 110 characters wide: %s', async (name) => {
    const { stdout } = await run(['help', name]);

    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(110);
  });

  it.each(names)('aligns the descriptions of the options of %s', async (name) => {
    const { stdout } = await run(['help', name]);

    const columns = [...stdout.matchAll(/^ {2}--\S+(?: <.+?>)? {2,}/gm)].map(([option]) => option.length);
    expect(new Set(columns).size).toBe(1);
  });

  it.each(names)('uses only documented options in the examples of %s', async (name) => {
    const { stdout } = await run(['help', name]);
    const [documented = '', rest = ''] = stdout.split('\nExamples\n');
    const examples = rest.split('\n').filter((line) => line.startsWith(`  npx relay ${name} `) && !line.includes('|'));

    for (const [option] of examples.join('\n').matchAll(/ --[a-z-]{2,}/g))
      expect(documented).toContain(` ${option.trim()} `);
  });

  it.each(names)('covers the commands of docs/relay.md: %s', (name) => {
    expect(page).toContain(`relay ${name}`);
  });

  it.each(names)('states the meaning of exit code 1 as docs/relay.md does: %s', async (name) => {
    const [, failure] = /\nExit codes: 0 success, 1 (.*), 2 usage error/.exec((await run(['help', name])).stdout) ?? [];

    expect(page).toContain(`| \`relay ${name}\` | ${failure} |`);
  });

  it('prints the fields that docs/relay.md lists', () => {
    const [, section = ''] = page.split('\n## Exit codes and JSON\n');
    for (const field of [...ENTRY_FIELDS, 'meaning', 'next']) expect(section).toContain(`\`${field}\``);
  });
});

describe('runRelay', () => {
  it('shows the version of package.json', async () => {
    const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');

    expect(await run(['--version'])).toEqual({ stdout: `${JSON.parse(manifest).version}\n`, stderr: '', code: 0 });
  });

  it.each(names)('rejects an unknown option with 2: %s', async (name) => {
    const { stdout, stderr, code } = await run([name, '--nonsense']);

    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe(`relay ${name}: Unknown option '--nonsense'\nSee "relay help ${name}".\n`);
  });

  it('rejects an unknown command with 2', async () => {
    const { stderr, code } = await run(['wyh']);

    expect(code).toBe(2);
    expect(stderr).toMatch(/^relay: unknown command "wyh"\n\nrelay: operates a running optout-relay\n/);
  });

  it.each([
    ['in place of a command', ['grace@example.com'], 'relay: unknown command\n'],
    ['as an unexpected argument', ['status', 'grace@example.com'], 'unexpected argument'],
    ['as an option', ['held', '--grace@example.com'], 'unknown option'],
    ['as the value of a flag', ['keys', '--public=grace@example.com'], "Option '--public' does not take an argument"],
  ])('does not repeat an address %s', async (_where, args, message) => {
    const { stdout, stderr, code } = await run(args);

    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('grace');
  });
});

describe('npm run relay', () => {
  const npm = (...args: readonly string[]) =>
    new Promise<{ readonly code: unknown; readonly stdout: string; readonly stderr: string }>((resolve) => {
      execFile('npm', ['run', '-s', 'relay', ...args], { cwd: ROOT }, (error, stdout, stderr) =>
        resolve({ code: error?.code ?? 0, stdout, stderr }),
      );
    });

  it('rejects an option that npm keeps for itself, and says how to spell it', async () => {
    const { code, stdout, stderr } = await npm('redrive', '--dry-run', '--source=sendgrid');

    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(
      'relay redrive: npm run kept --source, --dry-run for itself, so nothing was done. ' +
        'Run it as: npx relay redrive --source --dry-run …\n',
    );
  });

  it('accepts the options after --', async () => {
    const { code, stdout } = await npm('--', 'help', 'why');

    expect([code, stdout]).toEqual([0, (await run(['help', 'why'])).stdout]);
  });
});

describe('optionsKeptByNpm', () => {
  const options = ['yes', 'per-second'];
  const kept = (args: readonly string[], env: Readonly<Record<string, string>>) =>
    optionsKeptByNpm({ options }, args, { npm_lifecycle_event: 'relay', ...env });

  it('finds the options of the command that npm has and the command has not', () => {
    const env = { npm_config_yes: 'true', npm_config_per_second: '9', npm_config_audit: 'true' };

    expect(kept([], env)).toEqual(['yes', 'per-second']);
    expect(kept(['--yes', '--per-second=9'], env)).toEqual([]);
  });

  it('ignores what npm sets anyway, and what npx was called with', () => {
    expect(kept([], { npm_config_yes: '' })).toEqual([]);
    expect(kept([], { npm_config_yes: 'true', npm_lifecycle_event: 'npx' })).toEqual([]);
  });
});
