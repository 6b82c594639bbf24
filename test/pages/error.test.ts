import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../functions/core/model/errors.ts';
import { errorPage } from '../../functions/pages/error.ts';
import { request } from '../core/examples.ts';
import { PUBLIC_URL, THEMES } from './visitor.ts';

const unreadable = { status: 400, message: 'the <field> is "wrong"', errorCode: 'unreadable' } as const;
const show = errorPage(THEMES);
const submitted = (body: string, headers = {}) =>
  request(body, {
    url: new URL('/unsubscribe', PUBLIC_URL),
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  });

it.each<[ErrorCode, number, string]>([
  ['badLink', 400, 'This link is not valid or has expired'],
  ['trapFilled', 400, 'A field that must stay empty was filled in. Please try again.'],
  ['unknownBrand', 400, 'We do not recognize this brand'],
  ['unreadable', 415, 'The request could not be read'],
  ['tooLarge', 413, 'The request was too large'],
])('shows the message of %s, followed by the form', (errorCode, status, heading) => {
  const response = show({ status, message: unreadable.message, errorCode }, request());

  expect(response.status).toBe(status);
  expect(response.body).toContain(`<h1>${heading}</h1>\n<p>Nothing was changed. Enter your email address`);
  expect(response.body).toMatch(/<form method="post" action="\/unsubscribe\?lang=en" novalidate>/);
  expect(response.body).not.toMatch(/field&gt;|<field>|aria-invalid=/);
});

describe('a rate limit', () => {
  const tooMany = { status: 429, message: 'too many', retryAfterSeconds: 1_330 } as const;

  it('of the network says when to send the request again, and shows the form', () => {
    const { body } = show({ ...tooMany, errorCode: 'tooMany' }, submitted('email=ada%40example.com'));

    expect(body).toContain('<h1>Too many requests</h1>\n<p>Your request is not recorded yet, because');
    expect(body).toMatch(/You can send it again in 23 minutes\.<\/p>\n<form method="post"/);
    expect(body).not.toMatch(/Nothing was changed|Enter your email address|ada/);
  });

  it('of the address says that the request is recorded, and shows no form', () => {
    const { body } = show({ ...tooMany, errorCode: 'alreadyRecorded' }, submitted('email=ada%40example.com'));

    expect(body).toContain(
      '<h1>Your request is already recorded</h1>\n<p>There is nothing more for you to do. You can use this form again in 23 minutes.</p>',
    );
    expect(body).not.toMatch(/Nothing was changed|<form|ada/);
  });

  it('never says that less than two minutes are left', () => {
    expect(show({ ...tooMany, retryAfterSeconds: 1, errorCode: 'tooMany' }, request()).body).toContain('in 2 minutes');
  });
});

it('shows the form again for an invalid address, with the error at the field and the address to correct', () => {
  const { body = '' } = show({ ...unreadable, errorCode: 'badAddress' }, submitted('email=shibboleth%22%40'));

  expect(body).toContain('<title>This email address is not valid. Please enter it again. – Unsubscribe');
  expect(body).toContain('<p class="error" id="email-error">This email address is not valid.');
  expect(body).toMatch(
    /<input id="email" [^>]* value="shibboleth&quot;@" aria-invalid="true" aria-describedby="email-error" autofocus>/,
  );
  expect(body.match(/shibboleth/g)).toHaveLength(1);
});

it.each([
  ['an address longer than the field takes', 'badAddress', `email=${'x'.repeat(255)}`],
  ['no address', 'badAddress', 'name=shibboleth'],
  ['another error', 'trapFilled', 'email=shibboleth%40example.com&website=x'],
] as const)('leaves the field empty for %s', (_what, errorCode, body) => {
  expect(show({ ...unreadable, errorCode }, submitted(body)).body).not.toMatch(/ value="|shibboleth|xxx/);
});

describe('a failure of the relay', () => {
  const failure = { status: 503, message: 'not recorded', errorCode: 'failure' } as const;

  it('offers a reload, and does not claim that nothing was changed', () => {
    const { status, body } = show(failure, request());

    expect(status).toBe(503);
    expect(body).toContain('<h1>Something went wrong on our side. Please try again in a moment.</h1>');
    expect(body).toContain('<a href="">Reload this page</a>');
    expect(body).not.toMatch(/Nothing was changed|<form|not recorded/);
  });

  it('shows the form again after a submission', () => {
    const { body } = show(failure, submitted('email=ada%40example.com'));

    expect(body).toMatch(/<h1>Something went wrong on our side.*<form method="post"/s);
    expect(body).not.toMatch(/Nothing was changed|ada/);
  });
});

it('keeps the language and the brand of a readable form', () => {
  const german = show({ ...unreadable, errorCode: 'badAddress' }, submitted('email=x&lang=de&brand=pets'));
  const unknown = show({ ...unreadable, errorCode: 'unknownBrand' }, submitted('email=x&lang=de&brand=cats'));
  const truncated = show(
    unreadable,
    submitted('lang=de', { 'content-type': 'multipart/form-data', 'accept-language': 'fr' }),
  );

  expect(german.body).toMatch(
    /<html lang="de".*<header>Example Pets<.*<input type="hidden" name="brand" value="pets">/s,
  );
  expect(unknown.body).toMatch(/<html lang="de".*<header>Example Shop</s);
  expect(unknown.body).not.toContain('name="brand"');
  expect(truncated.body).toContain('<html lang="fr"');
});

it.each([{ accept: 'application/json' }, { 'content-type': 'application/json; charset=utf-8' }])(
  'responds to a program with %j in JSON and English',
  (headers) => {
    const response = show(unreadable, request('', { headers: { ...headers, 'accept-language': 'de' } }));

    expect(response).toMatchObject({ status: 400, headers: { 'content-type': 'application/json' } });
    expect(JSON.parse(response.body ?? '')).toEqual({ error: unreadable.message, code: 'unreadable' });
  },
);
