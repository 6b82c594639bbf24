import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { relayConfig } from '../../local/drills.config.ts';
import type { StackUnderTest } from '../local/stack-under-test.ts';
import { stackUnderTest, until } from '../local/stack-under-test.ts';

const ROOT = join(import.meta.dirname, '../..');
const run = promisify(execFile);
const page = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');
const sectionOf = (heading: string): string => page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';

describe('the alarms in docs/operations.md', () => {
  const { Resources } = parse(readFileSync(join(ROOT, 'infra/alarms.yml'), 'utf8'), { merge: true, maxAliasCount: -1 });
  const alarms = Object.keys(Resources).filter((id) => /::(?:Composite)?Alarm$/.test(Resources[id].Type));
  const rows = sectionOf('Alarms')
    .split('\n')
    .filter((line) => line.startsWith('| `…'))
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .map(([, names = '', meaning, type, expectation]) => ({
      names: [...names.matchAll(/`…(\w+)`/g)].map(([, name]) => `${name}Alarm`),
      text: [meaning, type, expectation],
    }));

  it.each(alarms)('say what %s means, what to type and what to expect', (alarm) => {
    const row = rows.find(({ names }) => names.some((name) => alarm.endsWith(name)));

    expect(row?.text).toEqual([/./, /`|query/, /./].map((some) => expect.stringMatching(some)));
  });

  it('are all in the template', () => {
    const named = rows.flatMap(({ names }) => names);

    expect(named.filter((name) => !alarms.some((alarm) => alarm.endsWith(name)))).toEqual([]);
  });
});

const COMMAND = /(?:^ *|`|\(|; )(?:npx )?relay (?!help)([a-z]+)((?: [^`|#\n]+)?)/gm;
const commands = [...page.matchAll(COMMAND)].map(([, name = '', rest = '']) => ({
  name,
  options: [...rest.matchAll(/ (--[a-z-]+)/g)].map(([, option = '']) => option),
}));

it.each([...new Set(commands.map(({ name }) => name))])('names existing options of relay %s', async (name) => {
  const { stdout } = await run(process.execPath, ['cli/bin.mjs', 'help', name], { cwd: ROOT });

  for (const { options } of commands.filter((command) => command.name === name)) {
    for (const option of options) expect(stdout).toContain(option);
  }
});

/** A block of commands, and the lines of the output that the page shows after it. */
interface Step {
  readonly commands: string;
  readonly prints: readonly string[];
}

const BLOCKS = /```sh\n([\s\S]*?)```(?:\n\n```text\n([\s\S]*?)```)?/g;

const drills = sectionOf('Drills')
  .split('\n### ')
  .slice(1)
  .map((text) => ({ name: text.split('\n')[0] ?? '', steps: [...text.matchAll(BLOCKS)].map(stepOf) }));

function stepOf([, text = '', prints = '']: RegExpMatchArray): Step {
  return { commands: text, prints: prints.split('\n').filter((line) => line !== '') };
}

/** Ages and the widths of columns differ from run to run. */
const withoutWidths = (text: string): string =>
  text
    .replaceAll(/\d+ (?:ms|s|min|h|d)\b/g, 'T')
    .replaceAll(/T(?: T)+/g, 'T')
    .replaceAll(/ +/g, ' ');

describe('the drills in docs/operations.md', () => {
  let stack: StackUnderTest;

  beforeAll(async () => {
    stack = await stackUnderTest({}, { surgeLimit: relayConfig.surgeLimit }, {});
  });
  afterAll(() => stack.stop());

  const here = (text: string): string =>
    text
      .replaceAll('http://127.0.0.1:8787', stack.url)
      .replaceAll('http://127.0.0.1:8788', stack.hubspotUrl)
      .replaceAll('.local/', `${stack.dir}/`);
  /**
   * Once every bounce has been attempted: on a slow machine, the surge limit cannot always be counted, and those recipients
   * pass: the page's count is then that of a machine that can.
   */
  const asOnAFastMachine = (printed: string): string => {
    const ofBounces = stack.lines('optout.attempted').filter(({ source }) => source === 'mailtrap');
    const passed = stack.lines('rate_limit.unavailable').length;
    return printed.replace(/(│ held \s*│ mailtrap │ +)(\d+)/, (all, start: string, held: string) => {
      const isPlausible = ofBounces.length >= 30 && Number(held) <= 20 && Number(held) >= 20 - passed;
      return isPlausible ? `${start}20` : all;
    });
  };
  /** Exit codes of `doctor` and `status` report faults. */
  const typed = async (text: string): Promise<string> =>
    run('bash', ['-c', here(text)], { cwd: ROOT }).then(
      ({ stdout }) => stdout,
      ({ stdout }: { readonly stdout: string }) => stdout,
    );

  it.each(drills)('go as described: $name', { timeout: 600_000 }, async ({ steps }) => {
    expect(steps.length).toBeGreaterThan(2);
    for (const { commands: text, prints } of steps) {
      if (prints.length === 0) await typed(text);
      else {
        const missingIn = (printed: string) =>
          prints.filter((line) => !withoutWidths(printed).includes(withoutWidths(line)));
        const shown = await until(
          // A pause, since every try starts processes.
          async () => sleep(2_000).then(async () => asOnAFastMachine(await typed(text))),
          (printed) => missingIn(printed).length === 0,
          180_000,
        );
        expect(missingIn(shown)).toEqual([]);
      }
    }
  });
});
