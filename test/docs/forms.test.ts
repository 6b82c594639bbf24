import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { site } from '../pages/visitor.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/forms.md'), 'utf8');
const { body: script } = await site().visit('GET', '/unsubscribe-form.js');
const texts = JSON.parse(/const texts = (\{.*\});/.exec(script)?.[1] ?? '{}') as Record<string, readonly string[]>;

it('documents the attribute and the default of every text of the script', () => {
  const rows = page.split('\n').filter((row) => row.startsWith('| `data-'));

  expect(Object.keys(texts)).toHaveLength(12);
  expect(rows).toHaveLength(13);
  for (const [key, lines] of Object.entries(texts)) {
    const attribute = `data-${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const isDocumented = (row: string) =>
      row.startsWith(`| \`${attribute}\` |`) && row.endsWith(`| ${lines.join(' / ')} |`);
    expect(rows.filter(isDocumented), attribute).toHaveLength(1);
  }
});

it('has the honeypot, the action and the marker in the code of each way to add the form', () => {
  const forms = page.match(/<form [\s\S]*?<\/form>/g) ?? [];

  expect(forms).toHaveLength(5);
  for (const form of forms) {
    expect(form).toMatch(/^<form method="post" action=\S.*\S data-unsubscribe>/);
    expect(form).toMatch(/<div hidden>\s*<input name="website" auto[cC]omplete="off"/);
    expect(form).toMatch(/name="email" type="email" auto[cC]omplete="email" required/);
  }
});
