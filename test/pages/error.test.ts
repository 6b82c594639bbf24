import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../functions/core/model/errors.ts';
import { errorPage } from '../../functions/pages/error.ts';
import { request } from '../core/examples.ts';
import { LOOKS, PUBLIC_URL } from './visitor.ts';

const wrong = { status: 400, message: 'the <field> is "wrong"', errorCode: 'unreadable' } as const;
const show = errorPage(LOOKS);
const submitted = (body: string, headers = {}) =>
  request(body, {
    url: new URL('/unsubscribe', PUBLIC_URL),
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  });

it.each<[ErrorCode, number, string]>([
  ['badLink', 400, 'This link is not valid or has expired'],
  ['trapFilled', 400, 'A field that must stay empty was filled in. Please try again.'],
  ['unknownBrand', 400, 'This brand is not known here'],
  ['unreadable', 415, 'The request could not be read'],
  ['tooLarge', 413, 'The request was too large'],
  ['tooMany', 429, 'Too many requests. Please wait a while and try again.'],
])(
  'tells a person of the errorCode %s in words of its own, and gives the form as the way on',
  (errorCode, status, words) => {
    const answer = show({ status, message: wrong.message, errorCode }, request());

    expect(answer.status).toBe(status);
    expect(answer.body).toContain(`<h1>${words}</h1>\n<p>Nothing was changed. Enter your email address`);
    expect(answer.body).toMatch(/<form method="post" action="\/unsubscribe\?lang=en" novalidate>/);
    expect(answer.body).not.toMatch(/field&gt;|<field>|aria-invalid=/);
  },
);

it('shows the form again for an address that is none, with the error at the field and without the address', () => {
  const { body = '' } = show({ ...wrong, errorCode: 'badAddress' }, submitted('email=shibboleth'));

  expect(body).toContain('<title>This email address is not valid. Please enter it again. – Unsubscribe');
  expect(body).toContain('<p class="error" id="email-error">This email address is not valid.');
  expect(body).toMatch(/<input id="email" [^>]* aria-invalid="true" aria-describedby="email-error" autofocus>/);
  expect(body).not.toContain('shibboleth');
});

describe('a failure of ours', () => {
  const failure = { status: 503, message: 'not recorded', errorCode: 'failure' } as const;

  it('is not said to be without effect, and the same page is the way on', () => {
    const { status, body } = show(failure, request());

    expect(status).toBe(503);
    expect(body).toContain('<h1>Something went wrong on our side. Please try again in a moment.</h1>');
    expect(body).toContain('<a href="">Reload this page</a>');
    expect(body).not.toMatch(/Nothing was changed|<form|not recorded/);
  });

  it('gives whoever sent the form the form again', () => {
    const { body } = show(failure, submitted('email=ada%40example.com'));

    expect(body).toMatch(/<h1>Something went wrong on our side.*<form method="post"/s);
    expect(body).not.toMatch(/Nothing was changed|ada/);
  });
});

it('keeps the language and the brand of a form that it can read', () => {
  const german = show({ ...wrong, errorCode: 'badAddress' }, submitted('email=x&lang=de&brand=pets'));
  const unknown = show({ ...wrong, errorCode: 'unknownBrand' }, submitted('email=x&lang=de&brand=cats'));
  const cut = show(wrong, submitted('lang=de', { 'content-type': 'multipart/form-data', 'accept-language': 'fr' }));

  expect(german.body).toMatch(
    /<html lang="de".*<header>Example Pets<.*<input type="hidden" name="brand" value="pets">/s,
  );
  expect(unknown.body).toMatch(/<html lang="de".*<header>Example Shop</s);
  expect(unknown.body).not.toContain('name="brand"');
  expect(cut.body).toContain('<html lang="fr"');
});

it.each([{ accept: 'application/json' }, { 'content-type': 'application/json; charset=utf-8' }])(
  'answers a program with %j in JSON and English',
  (headers) => {
    const answer = show(wrong, request('', { headers: { ...headers, 'accept-language': 'de' } }));

    expect(answer).toMatchObject({ status: 400, headers: { 'content-type': 'application/json' } });
    expect(JSON.parse(answer.body ?? '')).toEqual({ error: wrong.message });
  },
);
