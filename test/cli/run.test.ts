import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { run } from './relay-under-test.ts';

const { stdout: overview } = await run(['help']);
const names = [...overview.matchAll(/^ {2}relay (\w+) {2,}/gm)]
  .map(([, name = '']) => name)
  .filter((name) => name !== 'help');
const page = readFileSync(new URL('../../docs/relay.md', import.meta.url), 'utf8');

describe('relay help', () => {
  it('lists every command', () => {
    expect(names).toContain('why');
    expect(names).toHaveLength(13);
    expect(overview).toMatch(/\nExit codes: 0 success, 1 something failed, 2 usage error\.\n$/);
  });

  it.each(names)('describes %s: summary, usage, examples and exit codes', async (name) => {
    const { stdout, code } = await run(['help', name]);

    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^relay ${name}: .*\\n\\n  relay ${name} `));
    expect(stdout).toMatch(new RegExp(`\\nExamples\\n  npm run -s relay -- ${name} `));
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
    const examples = rest
      .split('\n')
      .filter((line) => line.startsWith(`  npm run -s relay -- ${name} `) && !line.includes('|'));

    for (const [option] of examples.join('\n').matchAll(/ --[a-z-]{2,}/g))
      expect(documented).toContain(` ${option.trim()} `);
  });

  it.each(names)('covers the commands of docs/relay.md: %s', (name) => {
    expect(page).toContain(`relay ${name}`);
  });
});

describe('runRelay', () => {
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
