import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSecretCache } from '../../functions/aws/secrets-manager.ts';
import { parseCredentials } from '../../functions/config/secret-formats.ts';
import type { ApiVersion } from '../../functions/core/delivery/hubspot.ts';
import { Misconfigured, Unavailable } from '../../functions/core/model/errors.ts';
import { createTokenProvider } from '../../functions/hubspot/token.ts';
import { type LocalSecretsManager, startSecretsManager } from '../../local/aws/secrets-manager.ts';
import { allOf, aws, formsOf, listening, standingClock, thrownBy } from '../aws/listening.ts';
import { type Simulated, simulated, statuses, TOKEN } from '../local/hubspot/simulated.ts';

const OAUTH = { clientId: 'client-id', clientSecret: 'shibboleth-secret', refreshToken: 'shibboleth-refresh' };

let hubspot: Simulated;
let manager: LocalSecretsManager;
let client: SecretsManagerClient;
beforeAll(async () => {
  manager = await startSecretsManager({ port: 0 });
  client = new SecretsManagerClient(aws(manager.url));
});
afterAll(async () => {
  client.destroy();
  await manager.close();
});
beforeEach(async () => {
  hubspot = await simulated({ oauth: OAUTH });
});
afterEach(() => hubspot.close());

interface Options {
  readonly version?: ApiVersion;
  readonly baseUrl?: string;
}

function create(credentials: unknown, { version = 'v4', baseUrl = hubspot.url }: Options = {}) {
  const { clock, pass } = standingClock();
  const write = (next: unknown) => manager.write('hubspot', JSON.stringify(next));
  write(credentials);
  const secret = createSecretCache(client, 'hubspot', { parse: parseCredentials, clock });
  return { token: createTokenProvider({ secret, baseUrl: new URL(baseUrl), version, fetch, clock }), pass, write };
}

/** The requests to the simulator: method, path and status. */
async function requests(): Promise<readonly string[]> {
  const { json } = await hubspot.sim('GET', 'requests');
  return json.map((each: { method: string; path: string; status: number }) => Object.values(each).slice(1).join(' '));
}

const isAccepted = async (token: string) =>
  (await hubspot.api('GET', statuses('ann@example.com', '?channel=EMAIL'), { token })).status === 200;

describe('a static token', () => {
  it('is returned from the secret without a request', async () => {
    const { token } = create({ token: TOKEN });

    expect([await token.get(), await token.refresh(TOKEN)]).toEqual([TOKEN, TOKEN]);
    expect(await requests()).toEqual([]);
  });

  it('is read again by refresh', async () => {
    const { token, pass, write } = create({ token: 'old' });
    await token.get();
    write({ token: 'new' });
    pass(1);

    expect(await token.get()).toBe('old');
    expect(await token.refresh('old')).toBe('new');
    expect(await token.get()).toBe('new');
  });

  it('that is malformed throws Misconfigured with the name of the secret', async () => {
    const error = await thrownBy(create({ token: '{shibboleth}' }).token.get);

    expect(error).toBeInstanceOf(Misconfigured);
    expect(error.message).toBe('secret hubspot: the token contains JSON');
  });
});

describe('OAuth', () => {
  it('requests an access token and uses it until a minute before it expires', async () => {
    const { token, pass } = create({ oauth: OAUTH });

    const first = await token.get();
    expect(await isAccepted(first)).toBe(true);
    pass(1739.999);
    expect(await token.get()).toBe(first);
    pass(0.001);
    const second = await token.get();

    expect(second).not.toBe(first);
    expect(await isAccepted(second)).toBe(true);
    expect((await requests()).filter((each) => each.includes('/oauth/'))).toHaveLength(2);
  });

  it('requests another access token on refresh and uses that one', async () => {
    const { token, pass } = create({ oauth: OAUTH });
    const first = await token.get();
    pass(1);

    const second = await token.refresh(first);

    expect(second).not.toBe(first);
    expect(await token.get()).toBe(second);
    expect(await requests()).toHaveLength(2);
  });

  it('requests another access token if the refresh token in the secret has changed', async () => {
    const { token, pass, write } = create({ oauth: OAUTH });
    await token.get();
    write({ oauth: { ...OAUTH, refreshToken: 'revoked' } });
    pass(300);

    expect(await thrownBy(token.get)).toBeInstanceOf(Unavailable);
    write({ token: TOKEN });
    pass(300);
    expect(await token.get()).toBe(TOKEN);
  });

  it('reads the secret again if HubSpot rejects the client before the first access token', async () => {
    const { token, pass, write } = create({ oauth: { ...OAUTH, clientSecret: 'revoked' } });
    expect(await thrownBy(token.get)).toBeInstanceOf(Unavailable);
    write({ oauth: OAUTH });
    pass(1);

    expect(await isAccepted(await token.get())).toBe(true);
  });

  it.each<[ApiVersion, string]>([
    ['v4', '/oauth/v3/token'],
    ['2026-03', '/oauth/2026-03/token'],
    ['2026-09', '/oauth/2026-09/token'],
  ])('of %s uses %s', async (version, path) => {
    const { token } = create({ oauth: OAUTH }, { version });

    expect(await isAccepted(await token.get())).toBe(true);
    expect((await requests())[0]).toBe(`POST ${path} 200`);
  });

  it('sends the credentials as a form, not in the URL', async () => {
    const { url, requests: received } = await listening((response) =>
      response.end('{"access_token":"a","expires_in":1800}'),
    );

    expect(await create({ oauth: { ...OAUTH, clientSecret: 's&+=%' } }, { baseUrl: url }).token.get()).toBe('a');

    expect(received).toMatchObject([{ method: 'POST', path: '/oauth/v3/token' }]);
    expect(received[0]?.headers['content-type']).toMatch(/^application\/x-www-form-urlencoded/);
    expect(Object.fromEntries(new URLSearchParams(received[0]?.body))).toEqual({
      grant_type: 'refresh_token',
      client_id: 'client-id',
      client_secret: 's&+=%',
      refresh_token: 'shibboleth-refresh',
    });
  });

  it.each(['clientId', 'clientSecret', 'refreshToken'])(
    'throws Unavailable if HubSpot rejects the %s',
    async (field) => {
      const error = await thrownBy(create({ oauth: { ...OAUTH, [field]: 'shibboleth-wrong' } }).token.get);

      expect(error).toBeInstanceOf(Unavailable);
      expect(error.message).toBe('HubSpot issued no access token for the refresh token');
      for (const form of formsOf('shibboleth')) expect(allOf(error)).not.toContain(form);
      expect(await requests()).toEqual(['POST /oauth/v3/token 400']);
    },
  );

  it.each<[string, object]>([
    ['invalid JSON', { body: 'shibboleth' }],
    ['an empty body', { status: 200 }],
    ['no access token', { body: { expires_in: 1800 } }],
    ['no lifetime', { body: { access_token: 'shibboleth', expires_in: null } }],
    ['503', { status: 503 }],
    ['a redirect', { status: 307, headers: { Location: '/oauth/v1/token' } }],
    ['a broken connection', { drop: 'before' }],
  ])('throws Unavailable after %s and requests again the next time', async (_what, fault) => {
    const { token } = create({ oauth: OAUTH });
    await hubspot.sim('POST', 'faults', [{ match: '/oauth/', times: 1, ...fault }]);

    const error = await thrownBy(token.get);

    expect(error).toBeInstanceOf(Unavailable);
    expect(allOf(error)).not.toContain('shibboleth');
    expect(await isAccepted(await token.get())).toBe(true);
    expect((await requests()).filter((each) => each.includes('/oauth/v1'))).toEqual([]);
  });
});
