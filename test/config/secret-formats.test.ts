import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  parseApiKeys,
  parseCredentials,
  parseLinkKeys,
  parseSourceSecrets,
} from '../../functions/config/secret-formats.ts';
import { Misconfigured } from '../../functions/core/model/errors.ts';
import { allOf, formsOf, thrownBy } from '../aws/listening.ts';

const KEY = randomBytes(32);
const OAUTH = { clientId: 'client', clientSecret: 'shibboleth', refreshToken: 'refresh' };

/** Returns the error message for a secret, and checks that it does not quote the secret. */
async function faultOf(parse: (text: string) => unknown, text: string) {
  const error = await thrownBy(() => parse(text));
  expect(error).toBeInstanceOf(Misconfigured);
  for (const form of formsOf('shibboleth')) expect(allOf(error)).not.toContain(form);
  return error.message;
}

describe('parseCredentials', () => {
  it.each<[string, object]>([
    ['pat-na1-0a1b', { token: 'pat-na1-0a1b' }],
    ['{"token":"pat-eu1-0a1b"}', { token: 'pat-eu1-0a1b' }],
    [' {"token":"key.with_~+/=characters","note":"ours"}\n', { token: 'key.with_~+/=characters' }],
    [JSON.stringify({ oauth: OAUTH }), { oauth: OAUTH }],
    ['x'.repeat(512), { token: 'x'.repeat(512) }],
  ])('reads %s', (text, expected) => {
    expect(parseCredentials(text)).toEqual(expected);
  });

  it.each<[string, readonly string[]]>([
    ['the token is blank', ['', ' ', '\n', '{"token":""}', '{"token":" \\n"}']],
    ['the token contains a newline', ['shibboleth\n', 'shibboleth\r\n', 'shib\nboleth', '{"token":"shibboleth\\n"}']],
    ['the token contains quotes', ['"shibboleth"', "'shibboleth'", '`shibboleth`', '{"token":"\\"shibboleth\\""}']],
    ['the token contains JSON', ['shibboleth}', '[shibboleth]', '{"token":"{shibboleth}"}']],
    [
      'the token contains spaces or invalid characters',
      [' shibboleth', 'shibboleth ', 'Bearer shibboleth', 'shibboleth\t', 'shíbboleth', '\u0000shibboleth'],
    ],
    [
      'the token is longer than 512 characters',
      ['x'.repeat(513), 'shibboleth'.repeat(52), `{"token":"${'shibboleth'.repeat(52)}"}`],
    ],
    ['it is not JSON', ['{shibboleth', '{"token":"shibboleth"', "{'token':'shibboleth'}"]],
    [
      'its format is not valid',
      ['{}', '{"Token":"shibboleth"}', '{"token":["shibboleth"]}', '{"token":null}', '{"oauth":"shibboleth"}'],
    ],
    ['oauth.clientId is not valid', [JSON.stringify({ oauth: { ...OAUTH, clientId: '' } })]],
  ])('reports: %s', async (fault, texts) => {
    for (const text of texts) expect(await faultOf(parseCredentials, text)).toBe(fault);
  });
});

describe('parseSourceSecrets', () => {
  it('returns a list for each source, with one secret or several', () => {
    const text = '{"postmark":"user:password","sendgrid":["current","previous"],"none":[],"blank":""}';

    expect([...parseSourceSecrets(text)]).toEqual([
      ['postmark', ['user:password']],
      ['sendgrid', ['current', 'previous']],
      ['none', []],
      ['blank', ['']],
    ]);
    expect(parseSourceSecrets('{}').get('constructor')).toBeUndefined();
  });

  it.each([
    ['', 'it is blank'],
    [' \n', 'it is blank'],
    ['shibboleth', 'it is not JSON'],
    ['{"sendgrid":"shibboleth"', 'it is not JSON'],
    ['"shibboleth"', 'its format is not valid'],
    ['["shibboleth"]', 'its format is not valid'],
    ['null', 'its format is not valid'],
    ['{"sendgrid":7}', 'value 1 is not valid'],
    ['{"shibboleth":7}', 'value 1 is not valid'],
    ['{"a":"b","sendgrid":["shibboleth",7]}', 'value 2 is not valid'],
    ['{"sendgrid":{"current":"shibboleth"}}', 'value 1 is not valid'],
  ])('rejects %j: %s', async (text, fault) => {
    expect(await faultOf(parseSourceSecrets, text)).toBe(fault);
  });
});

describe('parseLinkKeys', () => {
  it('reads the keys in order', () => {
    const keys = ['new', 'old'].map((kid) => ({ kid, key: KEY.toString('base64url') }));

    expect(parseLinkKeys(JSON.stringify({ keys }))).toEqual(['new', 'old'].map((kid) => ({ kid, key: KEY })));
  });

  it.each<[string, unknown]>([
    ['keys', {}],
    ['keys', { keys: [] }],
    ['keys', { keys: 'shibboleth' }],
    ['keys.0', { keys: ['shibboleth'] }],
    ['keys.0.kid', { keys: [{ kid: '', key: KEY.toString('base64url') }] }],
    ['keys.0.key', { keys: [{ kid: 'shibboleth' }] }],
    ['keys.0.key', { keys: [{ kid: 'a', key: KEY.subarray(1).toString('base64url') }] }],
    ['keys.0.key', { keys: [{ kid: 'a', key: randomBytes(33).toString('base64url') }] }],
    ['keys.0.key', { keys: [{ kid: 'a', key: KEY.toString('base64') }] }],
    ['keys.0.key', { keys: [{ kid: 'a', key: KEY.toString('hex') }] }],
    [
      'keys.1.key',
      {
        keys: [
          { kid: 'a', key: KEY.toString('base64url') },
          { kid: 'b', key: 'shibboleth' },
        ],
      },
    ],
  ])('names %s as invalid', async (path, value) => {
    expect(await faultOf(parseLinkKeys, JSON.stringify(value))).toBe(`${path} is not valid`);
  });
});

describe('parseApiKeys', () => {
  it('reads the API keys, which may be missing', () => {
    expect(parseApiKeys('{"keys":[],"apiKeys":["current","previous"]}')).toEqual(['current', 'previous']);
    expect(parseApiKeys('{"apiKeys":[]}')).toEqual([]);
    expect(parseApiKeys('{"keys":[]}')).toEqual([]);
  });

  it('are separate from the link keys', () => {
    const keys = [{ kid: 'a', key: KEY.toString('base64url') }];

    expect(parseLinkKeys(JSON.stringify({ keys, apiKeys: ['current'] }))).toEqual([{ kid: 'a', key: KEY }]);
  });

  it.each([
    ['', 'it is blank'],
    ['shibboleth', 'it is not JSON'],
    ['{"apiKeys":"shibboleth"}', 'apiKeys is not valid'],
    ['{"apiKeys":["shibboleth",7]}', 'apiKeys.1 is not valid'],
    ['{"apiKeys":{"shibboleth":"shibboleth"}}', 'apiKeys is not valid'],
  ])('rejects %j: %s', async (text, fault) => {
    expect(await faultOf(parseApiKeys, text)).toBe(fault);
  });
});
