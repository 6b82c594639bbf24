import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { activeSources } from '../../functions/config/active-sources.ts';
import type { Variables } from '../../functions/config/environment.ts';
import { readEnvironment } from '../../functions/config/environment.ts';
import { defineConfig } from '../../functions/config/relay-config.ts';
import { mapped, ofPortal, sources } from '../../functions/sources/index.ts';
import { configurationExamples, configurationKeys, ENVIRONMENT_EXAMPLES } from '../../infra/docs/configuration.ts';
import { docstringsOf } from '../../infra/docs/docstrings.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('relay.config.example.ts', () => {
  const examples = configurationExamples();

  it('has an example for each key of the configuration, in the same order', () => {
    const keys = configurationKeys().map(({ path }) => path);

    expect([...examples.keys()]).toEqual(keys.filter((path) => !path.includes('.')));
    for (const path of keys) {
      const inner = path.replace(/^brands\.<name>\.(?!businessUnitId)/, 'theme.').split('.');
      expect(examples.get(inner[0] ?? ''), path).toMatch(new RegExp(String.raw`\b${inner.at(-1)}: `));
    }
  });

  it('is a valid configuration once it is uncommented', () => {
    const config = defineConfig(runInNewContext(`({${[...examples.values()].join('\n')}})`));
    const active = activeSources({ sources, mapped, ofPortal }, config);

    expect(active.map(({ name }) => name)).toEqual(
      sources.map(({ name }) => name).filter((name) => name !== 'mailgun'),
    );
  });
});

it.each(Object.entries(ENVIRONMENT_EXAMPLES))('documents a valid value of the variable %s: %s', (name, value) => {
  vi.stubEnv(name, value);

  expect(Object.values(readEnvironment(name as keyof Variables))[0]).toBeDefined();
});

describe('docstringsOf', () => {
  it('reads the docstrings of keys, with their defaults', () => {
    const code = `const a = {\n  /** One line. @default 7 */\n  one: 1,\n  two: 2,\n  /**\n   * Two\n   * lines.\n   *\n   * @default none\n   */\n  three: 3,\n};`;

    expect(Object.fromEntries(docstringsOf(code))).toEqual({
      one: { text: 'One line.', default: '7' },
      three: { text: 'Two lines.', default: 'none' },
    });
  });

  it('rejects two docstrings of one name, which the page could confuse', () => {
    const code = 'const a = {\n  /** One. */\n  one: 1,\n  two: {\n    /** Another. */\n    one: 1,\n  },\n};';

    expect(() => docstringsOf(code)).toThrow('one has two docstrings');
  });
});
