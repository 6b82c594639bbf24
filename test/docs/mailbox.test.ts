import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { StackUnderTest } from '../local/stack-under-test.ts';
import { stackUnderTest, until } from '../local/stack-under-test.ts';

const ROOT = join(import.meta.dirname, '../..');
const page = readFileSync(join(ROOT, 'docs/mailbox.md'), 'utf8');
const [, examples = ''] = page.split('\n## Try it\n');
const [, prints = ''] = /```text\n([\s\S]*?)```/.exec(examples) ?? [];
const commands = [...examples.matchAll(/### (.+)\n\n```sh\n([\s\S]*?)```/g)].map(([, what = '', text = '']) => ({
  what,
  text,
  email: /[\w-]+@example\.com/.exec(text)?.[0] ?? '',
}));

let stack: StackUnderTest;

beforeAll(async () => {
  stack = await stackUnderTest();
});
afterAll(() => stack.stop());

it.each(commands)('has working commands: $what', async ({ text, email }) => {
  const script = text.replaceAll('.local/env', join(stack.dir, 'env'));

  const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd: ROOT });

  expect(stdout).toBe(prints);
  await until(
    () => stack.contact(email),
    ({ optedOut }) => optedOut,
  );
});
