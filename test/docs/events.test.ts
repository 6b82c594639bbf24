import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { optOutRequested, parseOptOutRequested } from '../../functions/aws/opt-out-requested.ts';
import { eventSamples } from '../../local/event-samples.ts';
import type { StackUnderTest } from '../local/stack-under-test.ts';
import { stackUnderTest, until } from '../local/stack-under-test.ts';

const run = promisify(execFile);
const page = readFileSync(join(import.meta.dirname, '../../docs/events.md'), 'utf8');
const examples = [...page.matchAll(/```sh\n(\. \.local\/env\n[\s\S]*?)```/g)].map(([, commands = '']) => commands);

let stack: StackUnderTest;

beforeAll(async () => {
  stack = await stackUnderTest();
});
afterAll(() => stack.stop());

describe('docs/events.md', () => {
  it.each(examples.map((commands) => [/([\w-]+@example\.com)/.exec(commands)?.[1] ?? '', commands]))(
    'has commands that opt %s out',
    async (email, commands) => {
      const { stdout } = await run('bash', ['-c', commands.replace('. .local/env', `. ${stack.dir}/env`)]);

      expect(stdout).toBe('200\n');
      await until(
        () => stack.contact(email),
        ({ optedOut }) => optedOut,
      );
    },
  );

  it('has one example per AWS source, the same ones as the console and npm start', () => {
    expect(eventSamples().map(({ name }) => name)).toEqual([
      'eventbridge',
      'ses-eventbridge',
      'ses-sns',
      'salesforce-eventbridge',
    ]);
    expect(examples).toHaveLength(4);
    for (const { commands } of eventSamples()) expect(commands).not.toMatch(/\$[A-Z]/);
  });

  it('documents every field of a request, with a valid example', () => {
    const [, table = ''] = /\| `detail` \|[^\n]*\n\|---\|---\|\n((?:\|.*\n)+)/.exec(page) ?? [];
    const [, entries = ''] = /put-events --entries '([\s\S]*?)'\n/.exec(page) ?? [];
    const [{ DetailType, Detail }] = JSON.parse(entries);

    expect([...table.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name)).toEqual(Object.keys(optOutRequested.shape));
    expect(DetailType).toBe('Opt-Out Requested');
    expect(parseOptOutRequested(JSON.parse(Detail)).ignoredFields).toEqual([]);
  });

  it('documents every field of a result', async () => {
    const [, example = ''] = /```json\n([\s\S]*?)```/.exec(page) ?? [];

    const [line] = await until(
      async () => stack.lines('local.result'),
      (lines) => lines.length > 0,
    );

    expect(Object.keys(line?.detail ?? {})).toEqual(Object.keys(JSON.parse(example)));
  });
});
