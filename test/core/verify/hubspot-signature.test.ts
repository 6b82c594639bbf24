import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Unauthenticated, Unreadable } from '../../../functions/core/model/errors.ts';
import { jsonOf } from '../../../functions/core/payload/fields.ts';
import type { RawRequest } from '../../../functions/core/payload/http.ts';
import { hubspotSignature } from '../../../functions/core/verify/hubspot-signature.ts';
import { NOWHERE } from '../examples.ts';

/** The secret in HubSpot's examples. */
const SECRET = 'yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy';
const SIGNED_AT = 1_735_689_600_000;
const RELAY = 'https://relay.example.com/hubspot/webhook';
const EXAMPLE = 'https://www.example.com/webhook_uri';
const CHANGE =
  '[{"eventId":1,"subscriptionId":12345,"portalId":62515,"appId":54321,"occurredAt":1735689599000,"subscriptionType":"contact.propertyChange","attemptNumber":0,"objectId":123,"changeSource":"CRM","propertyName":"hs_email_optout","propertyValue":"true"}]';

function requestWith(method: string, url: string, body: string, headers: RawRequest['headers']): RawRequest {
  return { method, url: new URL(url), headers, body: Buffer.from(body), receivedAt: new Date(SIGNED_AT + 1_000) };
}

const version3 = (signature: string, timestamp = String(SIGNED_AT)) => ({
  'x-hubspot-signature-v3': signature,
  'x-hubspot-request-timestamp': timestamp,
});
const version2 = (signature: string, version = 'v2') => ({
  'x-hubspot-signature': signature,
  'x-hubspot-signature-version': version,
});

const verify = async (request: RawRequest, ...secrets: readonly string[]) =>
  hubspotSignature({ workflows: true })(request, secrets, NOWHERE);
const accepts = async (request: RawRequest) => expect(await verify(request, 'another', SECRET)).toBe(request);
const rejects = (request: RawRequest, ...secrets: readonly string[]) =>
  expect(verify(request, ...secrets)).rejects.toThrow(
    expect.objectContaining({ name: 'Unauthenticated', message: expect.stringMatching(/^\S/) }),
  );

describe('version 3', () => {
  it.each([
    ['a change', 'POST', RELAY, CHANGE, 'OA58x8ZIlNohjMq4UT72iMZcncKwyUdtg7u0wd1Abo8='],
    [
      'a query, with the documented characters decoded and no others',
      'POST',
      `${RELAY}?email=jane%2Bx%40example.com&next=%2Fa%3Fb`,
      CHANGE,
      'lmNa0lOXRha9zASoB9MYCQbL9uGAyXrWN0m+NyRxpL4=',
    ],
    ['no body', 'GET', EXAMPLE, '', 'IVTjmU19ZY8l7niuVVghTlVLwKdTpL3mGbR26P542sQ='],
    [
      'letters beyond ASCII',
      'POST',
      RELAY,
      '[{"propertyValue":"Zoë 💌"}]',
      'PFzQD2TENHYGux9JAVCzt0QMRBQlb8zTiLMselrtf5Y=',
    ],
  ])('accepts %s', async (_what, method, url, body, signature) => {
    const request = requestWith(method, url, body, version3(signature));

    await accepts(request);
    await rejects(request, 'another');
    await rejects(request);
    for (const change of [
      { method: 'PUT' },
      { url: new URL(`${url}${url.includes('?') ? '&' : '?'}a=b`) },
      { body: Buffer.from(`${body} `) },
      { headers: version3(signature, String(SIGNED_AT + 1)) },
      { headers: version3(signature.slice(0, -1)) },
    ]) {
      await rejects({ ...request, ...change }, SECRET);
    }
  });

  it('decodes every documented character, in either case, and no others', async () => {
    const mac = (uri: string) => createHmac('sha256', SECRET).update(`POST${uri}${SIGNED_AT}`).digest('base64');
    const kept = '%2B%3D%26%23%25%20%22%5B%C3%AB';
    const given = `${RELAY}?a=%3A%2F%3F%40%21%24%27%28%29%2A%2C%3B${kept}%3a%2f%253A`;

    await accepts(requestWith('POST', given, '', version3(mac(`${RELAY}?a=:/?@!$'()*,;${kept}:/%253A`))));
    await rejects(requestWith('POST', given, '', version3(mac(given))), SECRET);
  });

  it('rejects a signature over the URL before decoding', async () => {
    const url = `${RELAY}?email=jane%2Bx%40example.com&next=%2Fa%3Fb`;

    await rejects(requestWith('POST', url, CHANGE, version3('OCrs/7lwUs0zyz3QSJHy120FiNrFpoC8zE45Ijz8/gg=')), SECRET);
  });

  const signedAt = (timestamp: string) =>
    version3(createHmac('sha256', SECRET).update(`POST${RELAY}${CHANGE}${timestamp}`).digest('base64'), timestamp);

  it.each([-300_000, 300_000])('is accepted for five minutes: %d ms', async (ms) => {
    const request = requestWith('POST', RELAY, CHANGE, signedAt(String(SIGNED_AT)));

    await accepts({ ...request, receivedAt: new Date(SIGNED_AT + ms) });
    await rejects({ ...request, receivedAt: new Date(SIGNED_AT + ms + Math.sign(ms) * 1_000) }, SECRET);
  });

  it.each(['', '1735689600', '1735689600000.5', '2025-01-01T00:00:00.000Z', 'NaN'])(
    'rejects the signed time %j',
    async (timestamp) => {
      await rejects(requestWith('POST', RELAY, CHANGE, signedAt(timestamp)), SECRET);
    },
  );

  it('takes precedence over version 2', async () => {
    const right = version3('OA58x8ZIlNohjMq4UT72iMZcncKwyUdtg7u0wd1Abo8=');
    const rightOld = version2('7bd43ea4af0ac63225b52a6bcaa7bdd0d672bdebd984b2d83bd32b19dd02e8f4');

    await accepts(requestWith('POST', RELAY, CHANGE, { ...right, ...version2('wrong') }));
    await rejects(requestWith('POST', RELAY, CHANGE, { ...version3('wrong'), ...rightOld }), SECRET);
    await rejects(requestWith('POST', RELAY, CHANGE, { ...version3(''), ...rightOld }), SECRET);
  });
});

describe('version 2', () => {
  it('is rejected unless workflows are turned on, because it stays valid', async () => {
    const signature = '7bd43ea4af0ac63225b52a6bcaa7bdd0d672bdebd984b2d83bd32b19dd02e8f4';
    const request = requestWith('POST', RELAY, CHANGE, version2(signature));

    await accepts(request);
    for (const options of [{}, { workflows: false }]) {
      expect(() => hubspotSignature(options)(request, [SECRET], NOWHERE)).toThrow(
        new Unauthenticated('header x-hubspot-signature-v3 is missing'),
      );
    }
  });

  it.each([
    ['a change', 'POST', RELAY, CHANGE, '7bd43ea4af0ac63225b52a6bcaa7bdd0d672bdebd984b2d83bd32b19dd02e8f4'],
    ["HubSpot's own example", 'GET', EXAMPLE, '', 'eee2dddcc73c94d699f5e395f4b9d454a069a6855fbfa152e91e88823087200e'],
  ])('accepts %s', async (_what, method, url, body, signature) => {
    const request = requestWith(method, url, body, version2(signature));

    await accepts(request);
    await rejects(request, 'another');
    await rejects(request);
    await rejects({ ...request, method: 'PUT' }, SECRET);
    await rejects({ ...request, url: new URL(`${url}?a=b`) }, SECRET);
    await rejects({ ...request, body: Buffer.from(`${body} `) }, SECRET);
  });

  it('covers the URL without decoding', async () => {
    const url = `${RELAY}?email=jane%40example.com`;
    const signature = createHash('sha256').update(`${SECRET}POST${url}${CHANGE}`).digest('hex');

    await accepts(requestWith('POST', url, CHANGE, version2(signature)));
  });

  it('cannot be extended to a readable body', () => {
    // A length extension continues with the padding of SHA-256.
    const extended = Buffer.concat([Buffer.from(CHANGE), Buffer.from([0x80, 0, 0, 0x0b, 0xb8]), Buffer.from('[]')]);

    expect(() => jsonOf(extended)).toThrow(Unreadable);
    expect(() => jsonOf(extended.subarray(CHANGE.length))).toThrow(Unreadable);
  });
});

it.each([
  ['version 1', version2('896be3f710ce5245a4dfea8b36369041efce54038835083b5f21e30e15688576', 'v1')],
  ['version 1 without a version', version2('896be3f710ce5245a4dfea8b36369041efce54038835083b5f21e30e15688576', '')],
  [
    'version 2 with another version name',
    version2('7bd43ea4af0ac63225b52a6bcaa7bdd0d672bdebd984b2d83bd32b19dd02e8f4', 'V2'),
  ],
  ['a version without a signature', version2('')],
  ['a time without a signature', { 'x-hubspot-request-timestamp': String(SIGNED_AT) }],
  ['a signature without its time', { 'x-hubspot-signature-v3': 'OA58x8ZIlNohjMq4UT72iMZcncKwyUdtg7u0wd1Abo8=' }],
  ['a request without headers', {}],
])('rejects %s', async (_what, headers) => {
  await rejects(requestWith('POST', RELAY, CHANGE, headers), SECRET);
});
