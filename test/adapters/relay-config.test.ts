import { describe, expect, it } from 'vitest';
import { defineConfig, liveSources } from '../../functions/adapters/relay-config.ts';
import { Misconfigured } from '../../functions/core/errors.ts';
import { defaultKinds } from '../../functions/core/policy.ts';
import { sources } from '../../functions/sources/index.ts';
import { relayConfig } from '../../relay.config.ts';
import { allOf, thrownBy } from './listening.ts';

const names = (some: readonly { readonly name: string }[]) => some.map(({ name }) => name);

/** What a configuration written without the compiler is answered with. */
async function refusalOf(config: unknown) {
  const error = await thrownBy(() => Reflect.apply(defineConfig, undefined, [config]));
  expect(error).toBeInstanceOf(Misconfigured);
  return error;
}

describe('defineConfig', () => {
  it('has every source on, the default policy and nothing else when nothing is said', () => {
    const config = defineConfig({});

    expect(config.isOn('sendgrid')).toBe(true);
    expect(config.policyOf('sendgrid')).toEqual({ kinds: defaultKinds, lists: 'all' });
    expect(config).toMatchObject({ businessUnitIds: {}, origins: [], configuredSources: [] });
  });

  it('gives each source its own policy and all of them the same kinds', () => {
    const config = defineConfig({
      sources: {
        sendgrid: { lists: { '4711': '228' }, brand: 'acme' },
        postmark: { lists: 'ignore' },
        mailgun: false,
        typeform: {},
      },
      policy: { suppressed: 'unsubscribe-all', complaint: 'nothing' },
      brands: { acme: { businessUnitId: '900719925474099' } },
      origins: ['https://www.example.com', 'http://127.0.0.1:3000'],
    });
    const kinds = { ...defaultKinds, suppressed: 'unsubscribe-all', complaint: 'nothing' };

    expect(config.policyOf('sendgrid')).toEqual({ kinds, lists: { '4711': '228' }, brand: 'acme' });
    expect(config.policyOf('postmark')).toEqual({ kinds, lists: 'ignore' });
    for (const other of ['mailgun', 'typeform', 'ses', 'constructor', '__proto__']) {
      expect(config.policyOf(other)).toEqual({ kinds, lists: 'all' });
    }
    expect(config.isOn('mailgun')).toBe(false);
    expect(config.isOn('typeform')).toBe(true);
    expect(config).toMatchObject({
      businessUnitIds: { acme: '900719925474099' },
      origins: ['https://www.example.com', 'http://127.0.0.1:3000'],
      configuredSources: ['sendgrid', 'postmark', 'mailgun', 'typeform'],
    });
  });

  it.each<[string, unknown]>([
    ['its form', undefined],
    ['its form', null],
    ['its form', []],
    ['brand', { brand: 'shibboleth' }],
    ['sources', { sources: [] }],
    ['sources.Shibboleth', { sources: { Shibboleth: {} } }],
    ['sources.a b', { sources: { 'a b': false } }],
    ['sources.sendgrid', { sources: { sendgrid: true } }],
    ['sources.sendgrid', { sources: { sendgrid: null } }],
    ['sources.sendgrid.list', { sources: { sendgrid: { list: 'all' } } }],
    ['sources.sendgrid', { sources: { sendgrid: { lists: 'shibboleth' } } }],
    ['sources.sendgrid.lists.news', { sources: { sendgrid: { lists: { news: 'shibboleth' } } } }],
    ['sources.sendgrid', { sources: { sendgrid: { lists: { news: 228 } } } }],
    ['sources.sendgrid.lists.news', { sources: { sendgrid: { lists: { news: '' } } } }],
    ['sources.sendgrid.brand', { sources: { sendgrid: { brand: 'The Shibboleth' } } }],
    ['sources.sendgrid.brand', { sources: { sendgrid: { brand: 'shibboleth' } } }],
    ['sources.sendgrid.brand', { sources: { sendgrid: { brand: 'constructor' } }, brands: {} }],
    ['policy', { policy: 'shibboleth' }],
    ['policy.opt_out', { policy: { opt_out: 'shibboleth' } }],
    ['policy.hard_bounce', { policy: { hard_bounce: true } }],
    ['brands', { brands: ['shibboleth'] }],
    ['brands.acme', { brands: { acme: '228' } }],
    ['brands.acme.businessUnitId', { brands: { acme: {} } }],
    ['brands.acme.businessUnitId', { brands: { acme: { businessUnitId: 228 } } }],
    ['brands.acme.businessUnitId', { brands: { acme: { businessUnitId: '-1' } } }],
    ['brands.acme.id', { brands: { acme: { businessUnitId: '1', id: 'shibboleth' } } }],
    ['origins', { origins: 'https://shibboleth.example' }],
    ['origins.0', { origins: ['shibboleth'] }],
    ['origins.0', { origins: ['*'] }],
    ['origins.0', { origins: ['null'] }],
    ['origins.1', { origins: ['https://example.com', 'https://shibboleth.example/'] }],
    ['origins.0', { origins: ['https://shibboleth.example/page'] }],
  ])('says that %s is wrong in %j, and not what stands there', async (path, config) => {
    const error = await refusalOf(config);

    expect(error.message).toBe(`relay.config.ts: ${path} is not valid`);
    expect(allOf({ ...error, cause: error.cause })).not.toContain('hibboleth');
  });

  it.each(['resubscribe', 'test', 'ignored', 'subscribe', 'constructor'])(
    'takes no measure for the kind %s',
    async (kind) => {
      const error = await refusalOf({ policy: { [kind]: 'unsubscribe-all' } });

      expect(error.message).toBe(`relay.config.ts: policy.${kind} is not valid`);
    },
  );
});

describe('liveSources', () => {
  it('gives the sources that are not switched off, in their order', () => {
    expect(names(liveSources(sources, defineConfig({})))).toEqual(names(sources));
    expect(names(liveSources(sources, defineConfig({ sources: { sendgrid: false } })))).toEqual(
      names(sources).filter((name) => name !== 'sendgrid'),
    );
  });

  it.each([false as const, {}])('refuses a word (%j) about a source that does not exist', async (word) => {
    const error = await thrownBy(() => liveSources(sources, defineConfig({ sources: { sendgird: word } })));

    expect(error).toBeInstanceOf(Misconfigured);
    expect(error.message).toBe('relay.config.ts: sources.sendgird is not valid');
  });

  it('takes the configuration that is delivered, which says what the defaults are', () => {
    expect(names(liveSources(sources, relayConfig))).toEqual(names(sources));
    for (const { name } of sources) expect(relayConfig.policyOf(name)).toEqual(defineConfig({}).policyOf(name));
  });
});
