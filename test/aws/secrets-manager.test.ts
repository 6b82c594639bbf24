import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createSecretCache } from '../../functions/aws/secrets-manager.ts';
import { parseCredentials } from '../../functions/config/secret-formats.ts';
import { Misconfigured, Unavailable } from '../../functions/core/model/errors.ts';
import { type LocalSecretsManager, startSecretsManager } from '../../local/aws/secrets-manager.ts';
import { allOf, aws, forwarding, listening, standingClock, thrownBy } from './listening.ts';

let manager: LocalSecretsManager;
let names = 0;
beforeAll(async () => {
  manager = await startSecretsManager({ port: 0 });
});
afterAll(() => manager.close());

/** Creates the cache for a new secret in the emulator, and records the requests for it. */
async function opened<Value>(parse: (text: string) => Value, text?: string) {
  names += 1;
  const name = `secret-${names}`;
  const { url, requests } = await forwarding(manager.url);
  const { clock, pass } = standingClock();
  const client = new SecretsManagerClient(aws(url));
  onTestFinished(() => client.destroy());
  if (text !== undefined) manager.write(name, text);
  const secret = createSecretCache(client, name, { parse, clock });
  return { name, secret, pass, write: (next: string) => manager.write(name, next), calls: () => requests.length };
}

const asIs = (text: string) => text;

describe('createSecretCache', () => {
  it('caches the value for five minutes', async () => {
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

  it('reads the value again on refresh, at most once a second, and caches it', async () => {
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

  it('makes one call for concurrent reads', async () => {
    const { secret, pass, calls } = await opened(asIs, 'one');
    const ask = () => Promise.all([secret.get(), secret.refresh(), secret.get(), secret.refresh(), secret.get()]);

    expect(await ask()).toEqual(Array(5).fill('one'));
    expect(calls()).toBe(1);
    pass(300);
    await ask();
    expect(calls()).toBe(2);
  });

  it('does not cache a failed read', async () => {
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

  it('retries a failed read at most once a second', async () => {
    const { secret, pass, calls } = await opened(asIs);

    for (let count = 0; count < 5; count += 1) await thrownBy(secret.refresh);
    expect(calls()).toBe(1);
    pass(1);
    await thrownBy(secret.get);
    expect(calls()).toBe(2);
  });

  it('keeps the cached value for its five minutes if a refresh fails', async () => {
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

  it('does not cache a malformed value', async () => {
    const { name, secret, pass, write } = await opened(parseCredentials, '"shibboleth"');

    const error = await thrownBy(secret.get);
    expect(error).toBeInstanceOf(Misconfigured);
    expect(error.message).toBe(`secret ${name}: the token contains quotes`);
    expect(allOf(error)).not.toContain('shibboleth');
    write('pat-eu1-corrected');
    pass(1);
    expect(await secret.get()).toEqual({ token: 'pat-eu1-corrected' });
  });

  it('reports an unexpected error of the parser only as not valid', async () => {
    const { name, secret } = await opened((text) => JSON.parse(text), 'shibboleth');

    const error = await thrownBy(secret.get);

    expect(error.message).toBe(`secret ${name}: not valid`);
    expect(allOf(error)).not.toContain('shibboleth');
  });

  it('is unavailable if Secrets Manager sends garbage or no response', async () => {
    const garbage = await listening((response) => response.writeHead(400).end('shibboleth'));
    const cut = await listening((response) => response.destroy());

    for (const { url } of [garbage, cut]) {
      const client = new SecretsManagerClient(aws(url));
      const error = await thrownBy(createSecretCache(client, 'hubspot', { parse: asIs, clock: () => new Date() }).get);

      expect(error).toBeInstanceOf(Unavailable);
      expect(error.message).toMatch(/^secret hubspot cannot be read: \w+$/);
      expect(allOf(error)).not.toContain('shibboleth');
      client.destroy();
    }
  });

  it('requests the current version only', async () => {
    const { url, requests } = await forwarding(manager.url);
    const client = new SecretsManagerClient(aws(url));
    manager.write('hubspot', 'one');

    await createSecretCache(client, 'hubspot', { parse: asIs, clock: () => new Date() }).get();

    expect(requests.map(({ headers, body }) => [headers['x-amz-target'], JSON.parse(body)])).toEqual([
      [`secretsmanager.${GetSecretValueCommand.name.replace('Command', '')}`, { SecretId: 'hubspot' }],
    ]);
    client.destroy();
  });
});
