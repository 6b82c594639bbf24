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
  it('is registered under its file name', () => {
    expect(sources.map((source) => source.name)).toContain(name);
  });

  it('declares its scheme', () => {
    const source = sources.find((each) => each.name === name);

    expect(['signature', 'shared-secret']).toContain(source?.scheme);
  });

  it('is exported under its camel-cased name', async () => {
    const exported = name.replace(/-(\w)/g, (_all, letter: string) => letter.toUpperCase());

    expect(Object.keys(await import(join(folder, `${name}.ts`)))).toContain(exported);
  });

  it('has a test that calls describeSource', () => {
    const test = join(here, `${name}.test.ts`);

    expect(existsSync(test) && readFileSync(test, 'utf8')).toMatch(/^\s*describeSource\(/m);
  });

  it('has a docs page', () => {
    expect(existsSync(join(here, `../../docs/sources/${name}.md`))).toBe(true);
  });

  it('has fixtures with a description and the URL of the sender’s documentation', () => {
    const fixtures = fixturesOf(name);

    expect(fixtures).not.toHaveLength(0);
    for (const { about, documentation } of fixtures) {
      expect(about).toMatch(/./);
      expect(documentation).toMatch(/^https:\/\//);
    }
  });
});

it('registers every file once', () => {
  expect(sources.map((source) => source.name).toSorted()).toEqual(names.toSorted());
});

it('creates the sources that take a field map', () => {
  for (const [name, make] of Object.entries(mapped)) expect(make({ email: 'mail' }).name).toBe(name);
  expect(Object.keys(mapped)).toEqual([
    'generic',
    'jotform',
    'standard-webhooks',
    'svix',
    'tally',
    'typeform',
    'unbounce',
    'webflow',
  ]);
});

it('creates the source that takes a HubSpot account id', () => {
  expect(Object.entries(ofPortal).map(([name, make]) => [name, make({ portalId: '62515' }).name])).toEqual([
    ['hubspot', 'hubspot'],
  ]);
});

it('has no fixtures without a source', () => {
  expect(readdirSync(join(here, 'fixtures')).toSorted()).toEqual(names.toSorted());
});
