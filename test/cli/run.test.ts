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
  });

  it.each(names)('tells of %s what it is, what to type, and what the exit codes mean', async (name) => {
    const { stdout, code } = await run(['help', name]);

    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^relay ${name}: .*\\n\\n  relay ${name} `));
    expect(stdout).toMatch(new RegExp(`\\nExamples\\n  npm run -s relay -- ${name} `));
    expect(stdout).toMatch(/\nExit codes: 0 .*, 1 .*, 2 called in a way it does not know\.\n$/);
    expect(await run([name, '--help'])).toEqual({ stdout, stderr: '', code: 0 });
  });

  it.each(names)('shows in the examples of %s only options that it explains', async (name) => {
    const { stdout } = await run(['help', name]);
    const [explained = '', rest = ''] = stdout.split('\nExamples\n');
    const own = rest
      .split('\n')
      .filter((line) => line.startsWith(`  npm run -s relay -- ${name} `) && !line.includes('|'));

    for (const [option] of own.join('\n').matchAll(/ --[a-z-]{2,}/g)) expect(explained).toContain(` ${option.trim()} `);
  });

  it.each(names)('is told on the page, too: %s', (name) => {
    expect(page).toContain(`relay ${name}`);
  });
});

describe('a command', () => {
  it.each(names)('explains, with 2, an option that it does not know: %s', async (name) => {
    const { stdout, stderr, code } = await run([name, '--nonsense']);

    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`"relay help ${name}" says how it is called`);
  });

  it('that is none is told so', async () => {
    const { stderr, code } = await run(['wyh']);

    expect(code).toBe(2);
    expect(stderr).toMatch(/^relay: there is no command "wyh"\n\nrelay: the operator's command/);
  });

  it.each([
    ['in place of a command', ['grace@example.com'], 'there is no command of that name'],
    ['where none belongs', ['status', 'grace@example.com'], 'it takes no such argument'],
    ['as an option', ['held', '--grace@example.com'], 'it takes no such argument'],
    ['behind an option', ['keys', '--public=grace@example.com'], "Option '--public' does not take an argument"],
  ])('does not repeat an address that stands %s', async (_where, args, words) => {
    const { stdout, stderr, code } = await run(args);

    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(words);
    expect(stderr).not.toContain('grace');
  });
});
