import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Unauthenticated, Unreadable } from '../../functions/core/model/errors.ts';
import type { RawRequest } from '../../functions/core/payload/http.ts';
import { childOf, xmlOf } from '../../functions/core/payload/xml.ts';
import { salesforce } from '../../functions/sources/salesforce.ts';
import { NOWHERE, request } from '../core/examples.ts';
import { describeSource, expectAccepted, refusalOf } from './describe-source.ts';

const KEY = 'sample-secret-salesforce';
const ORGANIZATION = '00D5e000000KQ2eEAG';

const unproven = ({ url, ...asked }: RawRequest) =>
  ['', '?key=', '?key=other', `?key=${ORGANIZATION}:${KEY}`].map((query) => ({
    ...asked,
    url: new URL(query || url.pathname, url),
  }));

describeSource(salesforce, { unproven, isAddressOptional: true });

const asked = (text: string, key = KEY) =>
  request(text, { url: new URL(`https://relay.example.com/webhooks/salesforce?key=${key}`) });

async function read(text: string, secrets: readonly string[] = [KEY]) {
  return salesforce.read(await salesforce.verify(asked(text), secrets, NOWHERE));
}

const message = (inside: string, organization = `<OrganizationId>${ORGANIZATION}</OrganizationId>`) =>
  `<Envelope><Body><notifications>${organization}${inside}</notifications></Body></Envelope>`;

const notification = (id: string, fields: string) =>
  `<Notification><Id>${id}</Id><sObject>${fields}</sObject></Notification>`;

const optedOut = '<Email>ada@example.com</Email><HasOptedOutOfEmail>true</HasOptedOutOfEmail>';

describe('the organization id', () => {
  const other = '00D5e000000KQ2fEAG';

  it.each([
    ['the same', [`${ORGANIZATION}:${KEY}`]],
    ['the same, by 15 characters', [`${ORGANIZATION.slice(0, 15)}:${KEY}`]],
    ['one of two', [`${other}:${KEY}`, `${ORGANIZATION}:${KEY}`]],
    ['surrounded by whitespace', [` ${ORGANIZATION}:${KEY}\n`]],
    ['not required', [KEY]],
    ['required by one secret but not by another', [`${other}:another`, KEY]],
  ])('is accepted if it is %s', async (_what, secrets) => {
    await expectAccepted(salesforce, asked(message('')), secrets);
  });

  it('is accepted with whitespace around it in the message', async () => {
    const spaced = message('', `<OrganizationId>\n ${ORGANIZATION}\n</OrganizationId>`);

    await expectAccepted(salesforce, asked(spaced), [`${ORGANIZATION}:${KEY}`]);
  });

  it.each([
    ['another', [`${other}:${KEY}`]],
    ['another, by 15 characters', [`${other.slice(0, 15)}:${KEY}`]],
    ['another, surrounded by whitespace', [` ${other}:${KEY}\n`]],
    ['different in one capital letter', [`00d5e000000KQ2eEAG:${KEY}`.replace('00d', '00D').replace('KQ2e', 'kQ2e')]],
    ['the right one with another key', [`${ORGANIZATION}:another`, `${other}:${KEY}`]],
    ['without a key', [`${ORGANIZATION}:`]],
    ['right but the key is wrong', [`${ORGANIZATION}:another`]],
  ])('is rejected if it is %s', async (_what, secrets) => {
    await refusalOf(salesforce, asked(message('')), secrets);
  });

  it.each([
    ['missing', message('', '')],
    ['empty', message('', '<OrganizationId/>')],
    ['in another place', message(`<Notification><OrganizationId>${ORGANIZATION}</OrganizationId></Notification>`, '')],
    ['in a document with a document type', `<!DOCTYPE a>${message('')}`],
    ['not in XML', ORGANIZATION],
  ])('is rejected if it is %s', async (_what, text) => {
    const error = await refusalOf(salesforce, asked(text), [`${ORGANIZATION}:${KEY}`]);

    expect(error).toEqual(new Unauthenticated('the message is not from the configured organization'));
  });
});

it('responds with a SOAP acknowledgement', () => {
  const { status, headers, body = '' } = salesforce.onSuccess ?? { status: 0 };

  expect(status).toBe(200);
  expect(headers?.['content-type']).toMatch(/^text\/xml/);
  expect(childOf(xmlOf(Buffer.from(body)), 'Body', 'notificationsResponse', 'Ack').text).toBe('true');
});

it('reads a hundred notifications', async () => {
  const hundred = Array.from({ length: 100 }, (_each, index) => notification(`n${index}`, optedOut)).join('');

  const { signals } = await read(message(hundred));

  expect(signals.map(({ eventKey }) => eventKey)).toEqual(Array.from({ length: 100 }, (_each, index) => `n${index}`));
});

it('ignores the session id', async () => {
  const session = '<SessionId>00D5e!AQEAQsession</SessionId>';
  const text = message(`${session}${notification('n1', optedOut)}${notification('n2', '')}`);

  const reading = await read(text);
  const refusal = await refusalOf(salesforce, asked(text, 'other'), [KEY]);

  expect(reading).toMatchObject({
    signals: [{ eventKey: 'n1' }],
    unreadable: ['event 2: HasOptedOutOfEmail is missing'],
  });
  expect(inspect([reading, refusal], { depth: null })).not.toMatch(/session/i);
});

it.each([
  ['an empty body', '', 'the body is not XML'],
  ['JSON', '{"Email":"ada@example.com"}', 'the body is not XML'],
  ['no body', '<Envelope/>', 'Body is missing'],
  ['another SOAP call', '<Envelope><Body><logout/></Body></Envelope>', 'notifications is missing'],
])('reports %s as unreadable', async (_what, text, reason) => {
  await expect(read(text)).rejects.toThrow(new Unreadable(reason));
});

it('reads a message without notifications as no signals', async () => {
  expect(await read(message(''))).toEqual({ signals: [], unreadable: [] });
});

it.each([
  [
    'whitespace around the values',
    '<Email> ada@example.com\n</Email><HasOptedOutOfEmail> true </HasOptedOutOfEmail>',
    'opt_out',
  ],
  ['1', '<Email>ada@example.com</Email><HasOptedOutOfEmail>1</HasOptedOutOfEmail>', 'opt_out'],
  [
    'both addresses of an account',
    '<Email>office@example.com</Email><PersonEmail>ada@example.com</PersonEmail><PersonHasOptedOutOfEmail>false</PersonHasOptedOutOfEmail>',
    'resubscribe',
  ],
  ['TRUE', '<Email>ada@example.com</Email><HasOptedOutOfEmail>TRUE</HasOptedOutOfEmail>', 'opt_out'],
])('reads %s', async (_what, fields, kind) => {
  expect((await read(message(notification('n1', fields)))).signals).toMatchObject([{ kind, email: 'ada@example.com' }]);
});

it.each([
  ['no address', '<HasOptedOutOfEmail>true</HasOptedOutOfEmail>'],
  ['an empty address', '<Email/><HasOptedOutOfEmail>true</HasOptedOutOfEmail>'],
  ['a null address', '<Email xsi:nil="true"/><HasOptedOutOfEmail>true</HasOptedOutOfEmail>'],
  ['no address of a person account', '<PersonHasOptedOutOfEmail>true</PersonHasOptedOutOfEmail>'],
])('has nothing to do for a record with %s', async (_what, fields) => {
  expect(await read(message(notification('n1', fields)))).toEqual({ signals: [], unreadable: [] });
});

it.each([
  [
    'an address that is not valid',
    '<Email>ada@</Email><HasOptedOutOfEmail>true</HasOptedOutOfEmail>',
    'the email address is not valid',
  ],
  ['no opt-out', '<Email>ada@example.com</Email>', 'HasOptedOutOfEmail is missing'],
  [
    'another word',
    '<Email>ada@example.com</Email><HasOptedOutOfEmail>constructor</HasOptedOutOfEmail>',
    'HasOptedOutOfEmail is neither yes nor no',
  ],
])('counts a record with %s as unreadable', async (_what, fields, reason) => {
  expect(await read(message(notification('n1', fields)))).toEqual({ signals: [], unreadable: [`event 1: ${reason}`] });
});

it.each(['', '<SystemModstamp>yesterday</SystemModstamp>'])(
  'takes an opt-out as of its arrival if its time is %j',
  async (time) => {
    expect((await read(message(notification('n1', optedOut + time)))).signals).toMatchObject([
      { kind: 'opt_out', occurredAt: asked('').receivedAt, isTimeAssumed: true },
    ]);
  },
);
