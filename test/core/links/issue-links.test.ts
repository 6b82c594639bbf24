import { describe, expect, it } from 'vitest';
import type { LinkPorts } from '../../../functions/core/links/issue-links.ts';
import { commonOf, linkRoutes } from '../../../functions/core/links/issue-links.ts';
import type { Link } from '../../../functions/core/links/sealed-link.ts';
import {
  Misconfigured,
  TooLarge,
  Unauthenticated,
  Unavailable,
  Unreadable,
} from '../../../functions/core/model/errors.ts';
import type { RelayEvent } from '../../../functions/core/model/telemetry.ts';
import type { HttpResponse } from '../../../functions/core/payload/http.ts';
import { AT, plus, request } from '../examples.ts';

/** Ports that record the sealed links. The cached keys are `cached`, and `current` after a refresh. */
function memory(cached: readonly string[] = ['k3y'], current = cached, change: Partial<LinkPorts> = {}) {
  const sealed: Link[] = [];
  const events: RelayEvent[] = [];
  const steps: string[] = [];
  const keysOf = async (how: string, list: readonly string[]) => {
    steps.push(how);
    return list;
  };
  const ports: LinkPorts = {
    keys: { get: () => keysOf('get', cached), refresh: () => keysOf('refresh', current) },
    seal: async (link) => `sealed-${sealed.push(link)}`,
    brands: ['acme', 'other'],
    report: (event) => void events.push(event),
    ...change,
  };
  return { ports, sealed, events, steps };
}

const URL_OF_LINKS = new URL('https://optout.example.com/links');

async function post(ports: LinkPorts, body: unknown, authorization: string | undefined = 'Bearer k3y') {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const headers: Record<string, string> = authorization === '' ? {} : { authorization };
  const route = linkRoutes(ports)['POST /links'];
  return (await route?.(request(text, { url: URL_OF_LINKS, headers }), {})) as HttpResponse;
}

const json = ({ body = '' }: HttpResponse) => JSON.parse(body);

function ready(index: number, token: string) {
  const url = `https://optout.example.com/u/${token}`;
  const headers = { 'List-Unsubscribe': `<${url}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' };
  return { index, url, headers };
}

describe('POST /links', () => {
  it('returns a link and its two headers for every address, in order and without the address', async () => {
    const { ports, sealed } = memory();

    const response = await post(ports, { addresses: ['Ada@Example.com', { email: 'grace@example.com' }] });

    expect(response).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } });
    expect(json(response)).toEqual({ links: [ready(0, 'sealed-1'), ready(1, 'sealed-2')], errors: [] });
    expect(sealed).toEqual([{ email: 'ada@example.com' }, { email: 'grace@example.com' }]);
  });

  it('also offers the configured mailbox', async () => {
    const { ports } = memory(['k3y'], ['k3y'], { mailbox: 'unsubscribe@mail.example.com' });

    const response = await post(ports, { addresses: ['ada@example.com'] });

    expect(json(response).links[0].headers['List-Unsubscribe']).toBe(
      '<https://optout.example.com/u/sealed-1>, <mailto:unsubscribe@mail.example.com?subject=sealed-1>',
    );
  });

  it('seals the brand, language and expiry of the call, unless the entry has its own', async () => {
    const { ports, sealed } = memory();
    const own = { email: 'grace@example.com', lang: 'de', brand: 'other' };
    const none = { email: 'alan@example.com', lang: null, brand: null };

    await post(ports, { addresses: ['ada@example.com', own, none], brand: 'acme', lang: 'pt-BR', expiresInDays: 60 });

    const common = { brand: 'acme', lang: 'pt-BR', expiresAt: plus(60 * 86_400) };
    expect(sealed).toEqual([
      { ...common, email: 'ada@example.com' },
      { ...common, ...own },
      { ...common, email: 'alan@example.com' },
    ]);
  });

  it('reports unreadable entries by index, without quoting them, and seals the others', async () => {
    const { ports } = memory();
    const email = 'shibboleth@example.com';
    const addresses = [
      'ada@example.com',
      'shibboleth',
      { email, brand: 'shibboleth' },
      { email, lang: 'shib boleth' },
      { email, brand: 7 },
      { email, lang: ['de'] },
      { email, expiresInDays: 7 },
      { brand: 'acme' },
      null,
      [email],
      'grace@example.com',
    ];

    const response = await post(ports, { addresses });

    expect(json(response).links.map(({ index }: { index: number }) => index)).toEqual([0, 10]);
    expect(json(response).errors).toEqual([
      { index: 1, error: 'the email address is not valid' },
      { index: 2, error: 'no such brand' },
      { index: 3, error: 'lang is not valid' },
      { index: 4, error: 'no such brand' },
      { index: 5, error: 'lang is not valid' },
      { index: 6, error: 'the entry has a field other than email, brand, lang' },
      { index: 7, error: 'the email address is not valid' },
      { index: 8, error: 'the email address is not valid' },
      { index: 9, error: 'the email address is not valid' },
    ]);
    expect(response.body).not.toMatch(/shibboleth|example\.com"/);
  });

  it('accepts up to 1,000 addresses', async () => {
    const { ports, sealed } = memory();
    const addresses = Array.from({ length: 1_000 }, (_, index) => `a${index}@example.com`);

    expect(json(await post(ports, { addresses })).links).toHaveLength(1_000);
    await expect(post(ports, { addresses: [...addresses, 'one@example.com'] })).rejects.toThrow(
      new TooLarge('addresses has more than 1000 entries'),
    );
    expect(sealed).toHaveLength(1_000);
  });

  it('accepts up to 1 MiB, and reads nothing of a larger body', async () => {
    const { ports, steps } = memory();
    const body = JSON.stringify({ addresses: ['ada@example.com'] });

    expect((await post(ports, body.padEnd(1_048_576))).status).toBe(200);
    await expect(post(ports, body.padEnd(1_048_577))).rejects.toThrow(new TooLarge('the body is too large'));
    expect(steps).toEqual(['get']);
  });

  it.each<[unknown, string]>([
    ['', 'the body is not JSON'],
    ['{"addresses":["shibboleth@example.com"', 'the body is not JSON'],
    [['ada@example.com'], 'the body is not an object'],
    [{}, 'addresses is not an array'],
    [{ addresses: 'ada@example.com' }, 'addresses is not an array'],
    [{ addresses: [] }, 'addresses is empty'],
    [{ addresses: ['ada@example.com'], brand: 'shibboleth' }, 'no such brand'],
    [{ addresses: ['ada@example.com'], brand: '' }, 'no such brand'],
    [{ addresses: ['ada@example.com'], lang: 'shibboleth!' }, 'lang is not valid'],
    [{ addresses: ['ada@example.com'], expiresInDays: 0 }, 'expiresInDays is not a whole number from 1 to 36500'],
    [
      { addresses: ['ada@example.com'], expires_in_days: 7 },
      'the body has a field other than addresses, brand, lang, expiresInDays',
    ],
  ])('rejects %j: %s', async (body, message) => {
    const error = await post(memory().ports, body).catch((each: unknown) => each);

    expect(error).toBeInstanceOf(Unreadable);
    expect((error as Error).message).toBe(message);
  });

  it('fails as a whole if the links cannot be sealed', async () => {
    for (const failure of [new Misconfigured('keys'), new Unavailable('keys')]) {
      const { ports } = memory(['k3y'], ['k3y'], { seal: () => Promise.reject(failure) });

      await expect(post(ports, { addresses: ['ada@example.com'] })).rejects.toBe(failure);
    }
  });
});

describe('the API key', () => {
  const body = { addresses: ['ada@example.com'] };

  it.each(['Bearer current', 'bearer  previous'])('may be any key in the secret: %s', async (authorization) => {
    const { ports, steps } = memory([' current\n', 'previous']);

    expect((await post(ports, body, authorization)).status).toBe(200);
    expect(steps).toEqual(['get']);
  });

  it('is checked again with fresh keys before it is rejected', async () => {
    const { ports, steps, events } = memory(['previous'], ['current', 'previous']);

    expect((await post(ports, body, 'Bearer current')).status).toBe(200);
    expect(steps).toEqual(['get', 'refresh']);
    expect(events).toEqual([]);
  });

  it('is not fetched again after a failure', async () => {
    const failure = new Unavailable('the secret cannot be read');
    const refresh = () => Promise.reject(new Error('fetched again'));
    const { ports } = memory(['k3y'], ['k3y'], { keys: { get: () => Promise.reject(failure), refresh } });

    await expect(post(ports, body)).rejects.toBe(failure);
  });

  it.each(['', 'Bearer', 'Bearer ', 'Bearer wrong', 'Bearer k3', 'Bearer k3y k3y', 'Basic k3y', 'x Bearer k3y', 'k3y'])(
    'is rejected as %j, and reported without its value',
    async (authorization) => {
      const { ports, sealed, events, steps } = memory();

      await expect(post(ports, body, authorization)).rejects.toBeInstanceOf(Unauthenticated);

      const reason = authorization === '' ? 'header authorization is missing' : 'no configured secret matches';
      expect(events).toEqual([{ event: 'request.unauthenticated', source: 'links', reason }]);
      expect(JSON.stringify(events)).not.toMatch(/k3|wrong/);
      expect(steps.length).toBeLessThanOrEqual(2);
      expect(sealed).toEqual([]);
    },
  );

  it.each([[[]], [['']], [[' \n']]])('is always rejected if the secret has no keys: %j', async (keys) => {
    for (const authorization of ['', 'Bearer', 'Bearer ', 'Bearer k3y']) {
      await expect(post(memory(keys).ports, body, authorization)).rejects.toBeInstanceOf(Unauthenticated);
    }
  });

  it('is checked before the body is read', async () => {
    await expect(post(memory().ports, '{', 'Bearer wrong')).rejects.toBeInstanceOf(Unauthenticated);
  });

  it('that cannot be fetched is a failure of the relay', async () => {
    const failure = new Unavailable('secret');
    const keys = { get: () => Promise.reject(failure), refresh: () => Promise.reject(failure) };
    const { ports, events } = memory([], [], { keys });

    await expect(post(ports, body)).rejects.toBe(failure);
    expect(events).toEqual([]);
  });
});

describe('commonOf', () => {
  const at = { brands: ['acme'], now: AT };

  it('counts whole days, and omits missing settings', () => {
    expect(commonOf({}, at)).toEqual({});
    expect(commonOf({ brand: 'acme', lang: 'de', expiresInDays: null }, at)).toEqual({ brand: 'acme', lang: 'de' });
    expect(commonOf({ expiresInDays: 1 }, at)).toEqual({ expiresAt: plus(86_400) });
    expect(commonOf({ expiresInDays: 36_500 }, at)).toEqual({ expiresAt: plus(36_500 * 86_400) });
  });

  it.each([0, -1, 1.5, 36_501, Number.NaN, '7', true])('rejects %j as days', (expiresInDays) => {
    expect(() => commonOf({ expiresInDays }, at)).toThrow(Unreadable);
  });
});
