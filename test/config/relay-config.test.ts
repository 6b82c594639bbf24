import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { activeSources } from '../../functions/config/active-sources.ts';
import { defineConfig } from '../../functions/config/relay-config.ts';
import { carriesOf, isOn, policyOf } from '../../functions/config/source-options.ts';
import { defaultKinds } from '../../functions/core/intake/policy.ts';
import { defaultLimits, type Limits } from '../../functions/core/intake/rate-limit.ts';
import { Misconfigured, Unauthenticated } from '../../functions/core/model/errors.ts';
import type { RawRequest } from '../../functions/core/payload/http.ts';
import { defaultDeadline } from '../../functions/core/reconcile/backlog-age.ts';
import { defaultDrift } from '../../functions/core/reconcile/drift.ts';
import type { VerifiedRequest } from '../../functions/core/verify/verify.ts';
import { mapped, ofPortal, sources } from '../../functions/sources/index.ts';
import { relayConfig } from '../../relay.config.ts';
import { allOf, thrownBy } from '../aws/listening.ts';
import { NOWHERE } from '../core/examples.ts';

const names = (some: readonly { readonly name: string }[]) => some.map(({ name }) => name);

/** Returns the error for a configuration that the compiler has not checked. */
async function errorFor(config: unknown) {
  const error = await thrownBy(() => Reflect.apply(defineConfig, undefined, [config]));
  expect(error).toBeInstanceOf(Misconfigured);
  return error;
}

describe('defineConfig', () => {
  it('turns every source on and uses the defaults for an empty configuration', () => {
    const config = defineConfig({});

    expect(isOn(config, 'sendgrid')).toBe(true);
    expect(policyOf(config, 'sendgrid')).toEqual({ kinds: defaultKinds, lists: 'all' });
    expect(config).toMatchObject({ businessUnitIds: {}, origins: [], sources: {} });
    expect(config.mailbox).toBeUndefined();
    expect(config.themes).toEqual({ common: {}, brands: {} });
    expect(config.limits).toEqual({ perAddressAndHour: 5, perClientAndHour: 30 });
    expect(config).toMatchObject({ surgeLimit: { perSourceAndHour: 1_000 }, staleAfterSeconds: 3_600 });
    expect(config).toMatchObject({ deadline: defaultDeadline, drift: defaultDrift });
    expect(config.results).toEqual({ withAddress: false });
    expect(config).toMatchObject({ legalBasis: 'LEGITIMATE_INTEREST_OTHER', contacts: { allAddresses: false } });
    expect(config.legalBasisExplanation).toBe('The recipient opted out of this subscription.');
  });

  it('gives each source its own lists and brand, and all sources the same kinds', () => {
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
      mailbox: 'unsubscribe@mail.example.com',
    });
    const kinds = { ...defaultKinds, suppressed: 'unsubscribe-all', complaint: 'nothing' };

    expect(policyOf(config, 'sendgrid')).toEqual({ kinds, lists: { '4711': '228' }, brand: 'acme' });
    expect(policyOf(config, 'postmark')).toEqual({ kinds, lists: 'ignore' });
    for (const other of ['mailgun', 'typeform', 'ses', 'constructor', '__proto__']) {
      expect(policyOf(config, other)).toEqual({ kinds, lists: 'all' });
    }
    expect(isOn(config, 'mailgun')).toBe(false);
    expect(isOn(config, 'typeform')).toBe(true);
    expect(config).toMatchObject({
      businessUnitIds: { acme: '900719925474099' },
      origins: ['https://www.example.com', 'http://127.0.0.1:3000'],
      mailbox: 'unsubscribe@mail.example.com',
    });
  });

  it.each<[string, unknown]>([
    ['the configuration', undefined],
    ['the configuration', null],
    ['the configuration', []],
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
    ['results.withAddress', { results: { withAddress: 'shibboleth' } }],
    ['results.address', { results: { address: true } }],
    ...['shibboleth', 'shibboleth@example', 'shib boleth@example.com', '', 7].map((mailbox): [string, unknown] => [
      'mailbox',
      { mailbox },
    ]),
    ['limits', { limits: 'shibboleth' }],
    ['surgeLimit', { surgeLimit: false }],
    ...[0, -1, 1.5, 1_000_001, '5', true].map((perSourceAndHour): [string, unknown] => [
      'surgeLimit.perSourceAndHour',
      { surgeLimit: { perSourceAndHour } },
    ]),
    ['legalBasis', { legalBasis: 'CONSENT' }],
    ['legalBasisExplanation', { legalBasisExplanation: ' ' }],
    ['legalBasisExplanation', { legalBasisExplanation: 'x'.repeat(256) }],
    ['contacts.allAddresses', { contacts: { allAddresses: 'yes' } }],
    ...[-1, 0.5, 86_401, '60', false].map((staleAfterSeconds): [string, unknown] => [
      'staleAfterSeconds',
      { staleAfterSeconds },
    ]),
    ['limits', { limits: false }],
    ['limits.perHour', { limits: { perHour: 5 } }],
    ...[0, -1, 1.5, 100_001, Number.NaN, Number.POSITIVE_INFINITY, '5', 'shibboleth', true, null].flatMap(
      (limit): [string, unknown][] => [
        ['limits.perAddressAndHour', { limits: { perAddressAndHour: limit } }],
        ['limits.perClientAndHour', { limits: { perClientAndHour: limit } }],
      ],
    ),
    ['deadline', { deadline: { warnAfterHours: 36, pageAfterHours: 36 } }],
    ['deadline.pageAfterHours', { deadline: { warnAfterHours: 24, pageAfterHours: 49 } }],
    ['deadline.warnAfterHours', { deadline: { warnAfterHours: 0, pageAfterHours: 36 } }],
    ['deadline.pageAfterHours', { deadline: { warnAfterHours: 24 } }],
    ['drift', { drift: true }],
    ['drift.shareOfDailyLimit', { drift: { shareOfDailyLimit: 1.1, dailyLimit: 250_000 } }],
    ['drift.shareOfDailyLimit', { drift: { shareOfDailyLimit: 0, dailyLimit: 250_000 } }],
    // Two reads per run are not enough to check one entry.
    ['drift', { drift: { shareOfDailyLimit: 0.1, dailyLimit: 8_639 } }],
  ])('names %s as invalid in %j without quoting the value', async (path, config) => {
    const error = await errorFor(config);

    expect(error.message).toBe(`relay.config.ts: ${path} is not valid`);
    expect(allOf({ ...error, cause: error.cause })).not.toContain('hibboleth');
  });

  it.each<[NonNullable<Parameters<typeof defineConfig>[0]['limits']>, Limits]>([
    [{}, defaultLimits],
    [{ perAddressAndHour: 1 }, { ...defaultLimits, perAddressAndHour: 1 }],
    [
      { perClientAndHour: 100_000, perAddressAndHour: undefined },
      { ...defaultLimits, perClientAndHour: 100_000 },
    ],
    [{ perAddressAndHour: false }, { ...defaultLimits, perAddressAndHour: false }],
    [
      { perAddressAndHour: 7, perClientAndHour: false },
      { perAddressAndHour: 7, perClientAndHour: false },
    ],
  ])('uses the limits in %j, and the default for the others', (limits, expected) => {
    expect(defineConfig({ limits }).limits).toEqual(expected);
  });

  it.each<[object, object]>([
    [
      { deadline: { warnAfterHours: 0.5, pageAfterHours: 48 } },
      { deadline: { warnAfterHours: 0.5, pageAfterHours: 48 } },
    ],
    [{ drift: false }, { drift: false }],
    [
      { drift: { shareOfDailyLimit: 0.1, dailyLimit: 8_640 } },
      { drift: { shareOfDailyLimit: 0.1, dailyLimit: 8_640 } },
    ],
  ])('accepts %j for the sweep', (config, expected) => {
    expect(defineConfig(config)).toMatchObject(expected);
  });

  it('includes the address in results only if withAddress is set', () => {
    expect(defineConfig({ results: {} }).results).toEqual({ withAddress: false });
    expect(defineConfig({ results: { withAddress: true } }).results).toEqual({ withAddress: true });
  });

  it.each(['resubscribe', 'test', 'ignored', 'subscribe', 'constructor'])(
    'rejects a policy for the kind %s',
    async (kind) => {
      const error = await errorFor({ policy: { [kind]: 'unsubscribe-all' } });

      expect(error.message).toBe(`relay.config.ts: policy.${kind} is not valid`);
    },
  );
});

const logoUrl = 'https://cdn.example.com/logo.svg';

describe('themes', () => {
  it('are the common theme, overridden by each brand', () => {
    const { themes } = defineConfig({
      theme: {
        name: 'Acme',
        logoUrl,
        color: '#1F4E9C',
        defaultLanguage: 'nl',
        texts: { en: { unsubscribe: 'Stop', recordedAt: 'Noted on {time}' }, 'zh-Hant': { unsubscribe: '停' } },
      },
      brands: {
        pets: { businessUnitId: '1', name: 'Acme Pets', color: '#7a3e00', texts: { en: { unsubscribe: 'Enough' } } },
        toys: { businessUnitId: '2' },
      },
    });

    expect(themes.common).toMatchObject({ name: 'Acme', logoUrl, color: '#1F4E9C', defaultLanguage: 'nl' });
    expect(Object.keys(themes.brands)).toEqual(['pets', 'toys']);
    expect(themes.brands.pets).toMatchObject({ name: 'Acme Pets', color: '#7a3e00', defaultLanguage: 'nl' });
    expect(themes.brands.pets?.logoUrl).toBeUndefined();
    expect(themes.brands.pets?.texts?.en).toEqual({ unsubscribe: 'Enough', recordedAt: 'Noted on {time}' });
    expect(themes.brands.toys).toEqual(themes.common);
    expect(themes.brands.toys).not.toHaveProperty('businessUnitId');
  });

  it('accept links, which a brand overrides one by one', () => {
    const links = {
      privacyUrl: 'https://example.com/privacy?lang=en#emails',
      legalUrl: 'https://example.com/imprint',
      resubscribeUrl: 'https://example.com/newsletter',
      contactUrl: 'mailto:privacy@example.com?subject=Unsubscribe',
    };
    const { themes } = defineConfig({
      theme: links,
      brands: { pets: { businessUnitId: '1', contactUrl: 'https://pets.example.com/help' } },
    });

    expect(themes.common).toMatchObject(links);
    expect(themes.brands.pets).toMatchObject({ ...links, contactUrl: 'https://pets.example.com/help' });
  });

  it.each(['#767676', '#000000', '#0B57D0', '#d60000'])('accept the color %s', (color) => {
    expect(defineConfig({ theme: { color } }).themes.common.color).toBe(color);
  });

  const https = ': it must be an https URL';
  const contact = ': it must be an https or mailto URL';
  const contrast = ': white text on it must have a contrast of at least 4.5:1';
  const placeholders = ': it must contain exactly the placeholders of the message';

  it.each<[string, unknown, string?]>([
    ['title', { title: 'shibboleth' }],
    ['name', { name: '' }],
    ['name', { name: '  ' }],
    ['name', { name: 'shibboleth'.repeat(11) }],
    ['logoUrl', { logoUrl: 'shibboleth' }, https],
    ['logoUrl', { logoUrl: 'http://shibboleth.example/logo.svg' }, https],
    ['logoUrl', { logoUrl: 'data:image/svg+xml,shibboleth' }, https],
    ['logoUrl', { logoUrl: 'javascript:shibboleth' }, https],
    ['logoUrl', { logoUrl: 'https://shibboleth;script-src.example/logo.svg' }, https],
    ['logoUrl', { logoUrl: "https://shibboleth'.example/logo.svg" }, https],
    ['logoUrl', { logoUrl: 'https://shib:boleth@example.com/logo.svg' }, https],
    ['privacyUrl', { privacyUrl: 'shibboleth' }, https],
    ['privacyUrl', { privacyUrl: '/shibboleth' }, https],
    ['privacyUrl', { privacyUrl: 'http://shibboleth.example' }, https],
    ['legalUrl', { legalUrl: 'javascript:shibboleth' }, https],
    ['resubscribeUrl', { resubscribeUrl: 'https://shib:boleth@example.com' }, https],
    ['resubscribeUrl', { resubscribeUrl: 'mailto:shibboleth@example.com' }, https],
    ['contactUrl', { contactUrl: 'shibboleth@example.com' }, contact],
    ['contactUrl', { contactUrl: 'tel:shibboleth' }, contact],
    ['contactUrl', { contactUrl: 'javascript:shibboleth' }, contact],
    ['color', { color: 'shibboleth' }, ': it must be #rrggbb'],
    ['color', { color: 'red' }, ': it must be #rrggbb'],
    ['color', { color: '#fff' }, ': it must be #rrggbb'],
    ['color', { color: '#123456;}' }, ': it must be #rrggbb'],
    ['color', { color: '#12345678' }, ': it must be #rrggbb'],
    ['color', { color: '#777777' }, contrast],
    ['color', { color: '#FFFFFF' }, contrast],
    ['color', { color: '#ff0000' }, contrast],
    ['defaultLanguage', { defaultLanguage: 'shibboleth' }],
    ['defaultLanguage', { defaultLanguage: 'pt-BR' }],
    ['texts', { texts: 'shibboleth' }],
    ['texts.eo', { texts: { eo: { unsubscribe: 'shibboleth' } } }],
    ['texts.zh', { texts: { zh: { unsubscribe: 'shibboleth' } } }],
    ['texts.en.unsubscrib', { texts: { en: { unsubscrib: 'shibboleth' } } }],
    ['texts.en.constructor', { texts: { en: { constructor: 'shibboleth' } } }],
    ['texts.en.unsubscribe', { texts: { en: { unsubscribe: '' } } }],
    ['texts.en.unsubscribe', { texts: { en: { unsubscribe: ' ' } } }],
    ['texts.en.unsubscribe', { texts: { en: { unsubscribe: 7 } } }],
    ['texts.en.formText', { texts: { en: { formText: 'shibboleth'.repeat(41) } } }],
    ['texts.en.recordedAt', { texts: { en: { recordedAt: 'shibboleth' } } }, placeholders],
    ['texts.en.recordedAt', { texts: { en: { recordedAt: '{time} {shibboleth}' } } }, placeholders],
    ['texts.ar.unsubscribe', { texts: { ar: { unsubscribe: '{shibboleth}' } } }, placeholders],
  ])('name %s as invalid in %j without quoting the value', async (path, theme, reason = '') => {
    const everywhere = await errorFor({ theme });
    const ofBrand = await errorFor({ brands: { acme: { businessUnitId: '1', ...(theme as object) } } });

    expect(everywhere.message).toBe(`relay.config.ts: theme.${path} is not valid${reason}`);
    expect(ofBrand.message).toBe(`relay.config.ts: brands.acme.${path} is not valid${reason}`);
    expect(allOf([everywhere, ofBrand].map((error) => ({ ...error, cause: error.cause })))).not.toContain('hibboleth');
  });
});

function requestOf(body: Uint8Array): VerifiedRequest {
  const url = new URL('https://relay.example.com/webhooks/any');
  const headers = { 'content-type': 'application/json' };
  const request: RawRequest = { method: 'POST', url, headers, body, receivedAt: new Date() };
  return request as VerifiedRequest;
}

const all = { sources, mapped, ofPortal };

describe('activeSources', () => {
  it('creates a source with its configured field map', () => {
    const config = defineConfig({ sources: { generic: { fields: { email: 'contact.mail' } } } });
    const generic = activeSources(all, config).find(({ name }) => name === 'generic');
    const body = Buffer.from('{"id":"1","contact":{"mail":"ada@example.com"}}');

    expect(generic?.read(requestOf(body)).signals).toMatchObject([{ kind: 'opt_out', email: 'ada@example.com' }]);
  });

  it('rejects a field map for a source with a fixed format, and an unknown field', async () => {
    const fixed = defineConfig({ sources: { sendgrid: { fields: { email: 'mail' } } } });
    const error = await thrownBy(() => activeSources(all, fixed));

    expect(error.message).toBe('relay.config.ts: sources.sendgrid.fields is not valid');
    expect(() => defineConfig({ sources: { generic: { fields: { mail: 'x' } as never } } })).toThrow(Misconfigured);
  });

  it.each(['people', 'program'] as const)('says that a source carries the opt-outs of %s', (carries) => {
    const config = defineConfig({ sources: { generic: { carries }, tally: {} } });

    expect(['generic', 'tally', 'eventbridge'].map((source) => carriesOf(config, source))).toEqual([
      carries,
      undefined,
      undefined,
    ]);
  });

  it('accepts events of the configured HubSpot account only', () => {
    const config = defineConfig({ sources: { hubspot: { portalId: '62515' } } });
    const live = activeSources(all, config);
    const body = Buffer.from('[{"portalId":62516,"subscriptionType":"contact.creation","objectId":4711}]');

    expect(names(live)).toEqual(names(sources));
    expect(live.find(({ name }) => name === 'hubspot')?.read(requestOf(body)).unreadable).toHaveLength(1);
  });

  it.each(['sendgrid', 'generic', 'eventbridge'])('rejects the options of HubSpot for %s', async (name) => {
    const errorFor = (options: object) =>
      thrownBy(() => activeSources(all, defineConfig({ sources: { [name]: options } })));

    expect((await errorFor({ portalId: '62515' })).message).toBe(
      `relay.config.ts: sources.${name}.portalId is not valid`,
    );
    expect((await errorFor({ workflows: true })).message).toBe(
      `relay.config.ts: sources.${name}.workflows is not valid`,
    );
  });

  it('accepts the webhooks of HubSpot’s workflows only if they are turned on', () => {
    const verify = (options: object) => () => {
      const hubspot = activeSources(all, defineConfig({ sources: { hubspot: options } })).find(
        ({ name }) => name === 'hubspot',
      );
      const body = Buffer.from('{}');
      const url = new URL('https://relay.example.com/webhooks/hubspot');
      const signature = createHash('sha256').update(`key-of-the-appPOST${url}{}`).digest('hex');
      const headers = { 'x-hubspot-signature': signature, 'x-hubspot-signature-version': 'v2' };
      return hubspot?.verify({ ...requestOf(body), url, headers }, ['key-of-the-app'], NOWHERE);
    };

    expect(verify({ workflows: true })).not.toThrow();
    expect(verify({})).toThrow(Unauthenticated);
    expect(verify({ workflows: false, portalId: '62515' })).toThrow(Unauthenticated);
  });

  it.each([
    [{ field: 'state', is: ['unsubscribed'] }, 'opt_out'],
    [{ field: 'state', is: ['gone'], isNot: ['unsubscribed', 'subscribed'] }, 'ignored'],
    ['state', 'opt_out'],
  ])('creates a source whose opt-outs are those with %j', (optOut, kind) => {
    const config = defineConfig({ sources: { generic: { fields: { optOut } } } });
    const generic = activeSources(all, config).find(({ name }) => name === 'generic');
    const body = Buffer.from('{"id":"1","email":"ada@example.com","state":"unsubscribed"}');

    expect(generic?.read(requestOf(body)).signals).toMatchObject([{ kind }]);
  });

  it.each([{ field: 'state' }, { field: 'state', is: [] }, { field: '', is: ['x'] }, { is: ['x'] }, '', 7])(
    'rejects %j as optOut',
    (optOut) => {
      expect(() => defineConfig({ sources: { generic: { fields: { optOut: optOut as never } } } })).toThrow(
        Misconfigured,
      );
    },
  );

  it('returns the sources that are not turned off, in order', () => {
    expect(names(activeSources(all, defineConfig({})))).toEqual(names(sources));
    expect(names(activeSources(all, defineConfig({ sources: { sendgrid: false } })))).toEqual(
      names(sources).filter((name) => name !== 'sendgrid'),
    );
  });

  it.each([false as const, {}])('rejects options (%j) for an unknown source', async (options) => {
    const error = await thrownBy(() => activeSources(all, defineConfig({ sources: { sendgird: options } })));

    expect(error).toBeInstanceOf(Misconfigured);
    expect(error.message).toBe('relay.config.ts: sources.sendgird is not valid');
  });

  it('accepts options for eventbridge, except a field map', async () => {
    const events = defineConfig({ sources: { eventbridge: { lists: 'ignore' } } });
    const mapping = defineConfig({ sources: { eventbridge: { fields: { email: 'mail' } } } });

    expect(names(activeSources(all, events))).toEqual(names(sources));
    expect(policyOf(events, 'eventbridge').lists).toBe('ignore');
    const error = await thrownBy(() => activeSources(all, mapping));
    expect(error.message).toBe('relay.config.ts: sources.eventbridge.fields is not valid');
  });

  it('accepts relay.config.ts, which has the defaults unless there is a configuration of one’s own', () => {
    expect(names(activeSources(all, relayConfig))).toEqual(names(sources));
    expect(relayConfig).toMatchObject({ limits: defaultLimits, deadline: defaultDeadline, drift: defaultDrift });
    for (const { name } of sources) expect(policyOf(relayConfig, name)).toEqual(policyOf(defineConfig({}), name));
  });
});
