import { randomBytes } from 'node:crypto';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import {
  openSecret,
  parseApiKeys,
  parseCredentials,
  parseLinkKeys,
  parseSourceSecrets,
} from '../../functions/adapters/secrets.ts';
import { Misconfigured, Unavailable } from '../../functions/core/errors.ts';
import { type LocalSecretsManager, startSecretsManager } from '../../local/aws/secrets-manager.ts';
import { allOf, aws, formsOf, forwarding, listening, standingClock, thrownBy } from './listening.ts';

const KEY = randomBytes(32);
const OAUTH = { clientId: 'client', clientSecret: 'shibboleth', refreshToken: 'refresh' };

let manager: LocalSecretsManager;
let names = 0;
beforeAll(async () => {
  manager = await startSecretsManager({ port: 0 });
});
afterAll(() => manager.close());

/** A secret of its own in the emulator, and the requests that were made for it. */
async function opened<Value>(parse: (text: string) => Value, text?: string) {
  names += 1;
  const name = `secret-${names}`;
  const { url, requests } = await forwarding(manager.url);
  const { clock, pass } = standingClock();
  const client = new SecretsManagerClient(aws(url));
  onTestFinished(() => client.destroy());
  if (text !== undefined) manager.write(name, text);
  const secret = openSecret(client, name, { parse, clock });
  return { name, secret, pass, write: (next: string) => manager.write(name, next), calls: () => requests.length };
}

const asIs = (text: string) => text;

describe('openSecret', () => {
  it('keeps the value for five minutes and then reads it again', async () => {
    const { secret, pass, write, calls } = await opened(asIs, 'one');
    expect(await secret.get()).toBe('one');
    write('two');

    pass(299.999);
    expect(await secret.get()).toBe('one');
    expect(calls()).toBe(1);
    pass(0.001);
    expect(await secret.get()).toBe('two');
    expect(await secret.get()).toBe('two');
    expect(calls()).toBe(2);
  });

  it('reads it anew on demand, but no more than once a second, and keeps that value', async () => {
    const { secret, pass, write, calls } = await opened(asIs, 'one');
    await secret.get();
    write('two');

    pass(0.999);
    expect(await secret.refresh()).toBe('one');
    expect(calls()).toBe(1);
    pass(0.001);
    expect(await secret.refresh()).toBe('two');
    expect(await secret.refresh()).toBe('two');
    expect(calls()).toBe(2);
    pass(299);
    expect(await secret.get()).toBe('two');
    expect(calls()).toBe(2);
  });

  it('makes one call for all who ask at once', async () => {
    const { secret, pass, calls } = await opened(asIs, 'one');
    const ask = () => Promise.all([secret.get(), secret.refresh(), secret.get(), secret.refresh(), secret.get()]);

    expect(await ask()).toEqual(Array(5).fill('one'));
    expect(calls()).toBe(1);
    pass(300);
    await ask();
    expect(calls()).toBe(2);
  });

  it('forgets a read that failed', async () => {
    const { name, secret, pass, write, calls } = await opened(asIs);

    const [first, second] = await Promise.all([thrownBy(secret.get), thrownBy(secret.get)]);
    expect(first).toBeInstanceOf(Unavailable);
    expect(first.message).toBe(`secret ${name} cannot be read: ResourceNotFoundException`);
    expect(second).toBe(first);
    expect(calls()).toBe(1);
    write('there now');
    pass(1);
    expect(await secret.get()).toBe('there now');
    expect(calls()).toBe(2);
  });

  it('tries a read that failed once a second at most, whoever asks', async () => {
    const { secret, pass, calls } = await opened(asIs);

    for (let count = 0; count < 5; count += 1) await thrownBy(secret.refresh);
    expect(calls()).toBe(1);
    pass(1);
    await thrownBy(secret.get);
    expect(calls()).toBe(2);
  });

  it('keeps the value it has, for its five minutes, when it cannot be read anew', async () => {
    const { secret, pass, write } = await opened(parseCredentials, 'pat-one');
    await secret.get();
    write('"shibboleth"');

    pass(1);
    expect(await secret.refresh()).toEqual({ token: 'pat-one' });
    pass(298.9);
    expect(await secret.get()).toEqual({ token: 'pat-one' });
    pass(0.1);
    expect(await thrownBy(secret.get)).toBeInstanceOf(Misconfigured);
  });

  it('forgets a malformed value, and reads the corrected one', async () => {
    const { name, secret, pass, write } = await opened(parseCredentials, '"shibboleth"');

    const error = await thrownBy(secret.get);
    expect(error).toBeInstanceOf(Misconfigured);
    expect(error.message).toBe(`secret ${name}: the token contains quotes`);
    expect(allOf(error)).not.toContain('shibboleth');
    write('pat-eu1-corrected');
    pass(1);
    expect(await secret.get()).toEqual({ token: 'pat-eu1-corrected' });
  });

  it('says of a fault of the parser itself only that the value is not valid', async () => {
    const { name, secret } = await opened((text) => JSON.parse(text), 'shibboleth');

    const error = await thrownBy(secret.get);

    expect(error.message).toBe(`secret ${name}: not valid`);
    expect(allOf(error)).not.toContain('shibboleth');
  });

  it('is unavailable when Secrets Manager answers with garbage or not at all', async () => {
    const garbage = await listening((response) => response.writeHead(400).end('shibboleth'));
    const cut = await listening((response) => response.destroy());

    for (const { url } of [garbage, cut]) {
      const client = new SecretsManagerClient(aws(url));
      const error = await thrownBy(openSecret(client, 'hubspot', { parse: asIs, clock: () => new Date() }).get);

      expect(error).toBeInstanceOf(Unavailable);
      expect(error.message).toMatch(/^secret hubspot cannot be read: \w+$/);
      expect(allOf(error)).not.toContain('shibboleth');
      client.destroy();
    }
  });

  it('asks for the current version and for nothing else', async () => {
    const { url, requests } = await forwarding(manager.url);
    const client = new SecretsManagerClient(aws(url));
    manager.write('hubspot', 'one');

    await openSecret(client, 'hubspot', { parse: asIs, clock: () => new Date() }).get();

    expect(requests.map(({ headers, body }) => [headers['x-amz-target'], JSON.parse(body)])).toEqual([
      [`secretsmanager.${GetSecretValueCommand.name.replace('Command', '')}`, { SecretId: 'hubspot' }],
    ]);
    client.destroy();
  });
});

/** The rule that a secret breaks, as whoever runs the relay reads it; never what stands in the secret. */
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
    ['the token contains JSON', ['shibboleth}', '{"token":"{shibboleth}"}']],
    [
      'the token contains blanks or characters that no token has',
      [' shibboleth', 'shibboleth ', 'Bearer shibboleth', 'shibboleth\t', 'shíbboleth', '\u0000shibboleth'],
    ],
    [
      'the token is longer than 512 characters',
      ['x'.repeat(513), 'shibboleth'.repeat(52), `{"token":"${'shibboleth'.repeat(52)}"}`],
    ],
    ['it is not JSON', ['{shibboleth', '{"token":"shibboleth"', "{'token':'shibboleth'}"]],
    [
      'its form is not valid',
      ['{}', '{"Token":"shibboleth"}', '{"token":["shibboleth"]}', '{"token":null}', '{"oauth":"shibboleth"}'],
    ],
    ['oauth.clientId is not valid', [JSON.stringify({ oauth: { ...OAUTH, clientId: '' } })]],
  ])('says: %s', async (fault, texts) => {
    for (const text of texts) expect(await faultOf(parseCredentials, text)).toBe(fault);
  });
});

describe('parseSourceSecrets', () => {
  it('gives a list for every source, whether it has one secret or several', () => {
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
    ['"shibboleth"', 'its form is not valid'],
    ['["shibboleth"]', 'its form is not valid'],
    ['null', 'its form is not valid'],
    ['{"sendgrid":7}', 'value 1 is not valid'],
    ['{"shibboleth":7}', 'value 1 is not valid'],
    ['{"a":"b","sendgrid":["shibboleth",7]}', 'value 2 is not valid'],
    ['{"sendgrid":{"current":"shibboleth"}}', 'value 1 is not valid'],
  ])('refuses %j: %s', async (text, fault) => {
    expect(await faultOf(parseSourceSecrets, text)).toBe(fault);
  });
});

describe('parseLinkKeys', () => {
  it('reads the keys in their order', () => {
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
  ])('says that %s is not valid', async (path, value) => {
    expect(await faultOf(parseLinkKeys, JSON.stringify(value))).toBe(`${path} is not valid`);
  });
});

describe('parseApiKeys', () => {
  it('reads who may ask for links, which may be nobody', () => {
    expect(parseApiKeys('{"keys":[],"apiKeys":["current","previous"]}')).toEqual(['current', 'previous']);
    expect(parseApiKeys('{"apiKeys":[]}')).toEqual([]);
    expect(parseApiKeys('{"keys":[]}')).toEqual([]);
  });

  it('stand beside the keys without being any', () => {
    const keys = [{ kid: 'a', key: KEY.toString('base64url') }];

    expect(parseLinkKeys(JSON.stringify({ keys, apiKeys: ['current'] }))).toEqual([{ kid: 'a', key: KEY }]);
  });

  it.each([
    ['', 'it is blank'],
    ['shibboleth', 'it is not JSON'],
    ['{"apiKeys":"shibboleth"}', 'apiKeys is not valid'],
    ['{"apiKeys":["shibboleth",7]}', 'apiKeys.1 is not valid'],
    ['{"apiKeys":{"shibboleth":"shibboleth"}}', 'apiKeys is not valid'],
  ])('refuses %j: %s', async (text, fault) => {
    expect(await faultOf(parseApiKeys, text)).toBe(fault);
  });
});
