import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sources } from '../../functions/sources/index.ts';

const ROOT = join(import.meta.dirname, '../..');
const page = readFileSync(join(ROOT, 'docs/security.md'), 'utf8');

/** Returns the rows of the table in a section, without its head. */
function rowsOf(heading: string): readonly (readonly string[])[] {
  const [, section = ''] = page.split(`\n## ${heading}\n`);
  const lines = (section.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('| '));
  return lines.slice(1).map((line) => line.split('|').map((cell) => cell.trim()));
}

const threats = rowsOf('Threats').map(([, attacker = '']) => /^\*\*(.+?)\*\*/.exec(attacker)?.[1] ?? attacker);
const tests = rowsOf('Tests').map(([, threat = '', file = '', name = '']) => ({
  threat,
  file: /\(\.\.\/(.+?)\)/.exec(file)?.[1] ?? '',
  name,
}));

describe('docs/security.md', () => {
  it('names at least one test for each threat', () => {
    expect(threats.length).toBeGreaterThan(10);
    expect(threats.filter((threat) => tests.every((test) => test.threat !== threat))).toEqual([]);
    expect(tests.filter(({ threat }) => !threats.includes(threat))).toEqual([]);
  });

  it.each(tests)('names an existing test in $file: $name', ({ file, name }) => {
    const quoted = name.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);

    expect(readFileSync(join(ROOT, file), 'utf8')).toMatch(new RegExp(String.raw`(?:\bit|\))\(\s*(['"\`])${quoted}\1`));
  });

  it('says what each source signs', () => {
    const named = rowsOf('What senders sign').flatMap(([, , cell = '']) =>
      [...cell.matchAll(/`([\w-]+)`/g)].map(([, name]) => name),
    );

    expect(sources.map(({ name }) => name).filter((name) => !named.includes(name))).toEqual([]);
  });

  it('lists each source without a signature among those that sign nothing, and no other', () => {
    const unsigned = rowsOf('What senders sign').find(([, signed = '']) => signed.startsWith('nothing'));
    const named = [...(unsigned?.[2] ?? '').matchAll(/`([\w-]+)`/g)].map(([, name]) => name);
    const withoutSignature = sources.filter(({ scheme }) => scheme === 'shared-secret').map(({ name }) => name);

    expect(named.toSorted()).toEqual([...withoutSignature, 'mailchimp'].toSorted());
  });
});
