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

/** A secret of its own in the emulator, and the requests that were made for it. */
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
      const error = await thrownBy(createSecretCache(client, 'hubspot', { parse: asIs, clock: () => new Date() }).get);

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

    await createSecretCache(client, 'hubspot', { parse: asIs, clock: () => new Date() }).get();

    expect(requests.map(({ headers, body }) => [headers['x-amz-target'], JSON.parse(body)])).toEqual([
      [`secretsmanager.${GetSecretValueCommand.name.replace('Command', '')}`, { SecretId: 'hubspot' }],
    ]);
    client.destroy();
  });
});
