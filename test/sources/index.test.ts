import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mapped, ofPortal, sources } from '../../functions/sources/index.ts';
import { fixturesOf } from './fixture.ts';

const here = import.meta.dirname;
const folder = join(here, '../../functions/sources');
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.ts') && file !== 'index.ts')
  .map((file) => file.slice(0, -'.ts'.length));

describe.each(names)('%s', (name) => {
  it('is registered under the name of its file', () => {
    expect(sources.map((source) => source.name)).toContain(name);
  });

  it('says what proves its sender', () => {
    const source = sources.find((each) => each.name === name);

    expect(['signature', 'shared-secret']).toContain(source?.scheme);
  });

  it('is exported under its camel-cased name', async () => {
    const exported = name.replace(/-(\w)/g, (_all, letter: string) => letter.toUpperCase());

    expect(Object.keys(await import(join(folder, `${name}.ts`)))).toContain(exported);
  });

  it('has a test that describes it', () => {
    const test = join(here, `${name}.test.ts`);

    expect(existsSync(test) && readFileSync(test, 'utf8')).toMatch(/^\s*describeSource\(/m);
  });

  it('has a page that says how to switch it on', () => {
    expect(existsSync(join(here, `../../docs/sources/${name}.md`))).toBe(true);
  });

  it('has fixtures that say what they show and where the sender documents it', () => {
    const fixtures = fixturesOf(name);

    expect(fixtures).not.toHaveLength(0);
    for (const { about, documentation } of fixtures) {
      expect(about).toMatch(/./);
      expect(documentation).toMatch(/^https:\/\//);
    }
  });
});

it('has a file for every registered source, and registers each once', () => {
  expect(sources.map((source) => source.name).toSorted()).toEqual(names.toSorted());
});

it('makes anew, with a field map, what has no fixed form', () => {
  for (const [name, make] of Object.entries(mapped)) expect(make({ email: 'mail' }).name).toBe(name);
  expect(Object.keys(mapped)).toEqual(['generic', 'jotform', 'tally', 'typeform', 'unbounce', 'webflow']);
});

it('makes anew, for one account of HubSpot, what HubSpot itself sends', () => {
  expect(Object.entries(ofPortal).map(([name, make]) => [name, make({ portalId: '62515' }).name])).toEqual([
    ['hubspot', 'hubspot'],
  ]);
});

it('has fixtures of no source that does not exist', () => {
  expect(readdirSync(join(here, 'fixtures')).toSorted()).toEqual(names.toSorted());
});
