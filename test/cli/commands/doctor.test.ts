import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CreateQueueCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { listening } from '../../aws/listening.ts';
import type { RelayUnderTest } from '../relay-under-test.ts';
import { jsonLines, relayUnderTest } from '../relay-under-test.ts';

let under: RelayUnderTest;
let environment: NodeJS.ProcessEnv;
let token: string;
beforeAll(async () => {
  under = await relayUnderTest({ HUBSPOT_RATE_PER_10_S: '100' });
  environment = { ...process.env };
  const { tokens } = (await under.sim('tokens', 'POST', { tokens: ['pat-test'] })) as { tokens: string[] };
  token = tokens[0] ?? '';
  await putSecret('HUBSPOT_SECRET', JSON.stringify({ token }));
});
afterAll(() => under.stop());
afterEach(async () => {
  Object.assign(process.env, environment);
  await under.sim('reset', 'POST');
  await under.sim('tokens', 'POST', { tokens: [token] });
  await putSecret('HUBSPOT_SECRET', JSON.stringify({ token }));
});

function putSecret(name: string, value: string) {
  return new SecretsManagerClient().send(
    new PutSecretValueCommand({ SecretId: environment[name], SecretString: value }),
  );
}

/** Replaces a secret. Returns a function that restores it. */
async function replaceSecret(name: string, value: unknown) {
  const { SecretString = '' } = await new SecretsManagerClient().send(
    new GetSecretValueCommand({ SecretId: environment[name] }),
  );
  await putSecret(name, JSON.stringify(value));
  return () => putSecret(name, SecretString);
}

/** The findings if variables differ from those of the running relay. */
async function findings(variables: Readonly<Record<string, string>> = {}, ...flags: readonly string[]) {
  const env = join(under.dir, 'other.env');
  writeFileSync(
    env,
    Object.entries(variables)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
  const { stdout, code } = await under.relay(['doctor', '--env', env, '--json', ...flags]);
  return {
    code,
    found: jsonLines(stdout) as { check: string; result: string; message: string; fix?: string }[],
    stdout,
  };
}

describe('relay doctor', () => {
  it('finds no fault in a working relay and changes nothing', async () => {
    const { stdout, code } = await under.relay(['doctor']);

    // relay.config.ts has no name for the pages.
    expect(stdout.match(/^│ .*│ (warning|FAULT) +│/gm)).toEqual([expect.stringMatching(/^│ pages +│ warning/)]);
    expect([code, stdout.trimEnd().split('\n').at(-1)]).toEqual([0, 'No faults.']);
    expect((await under.asked()).map(({ method, path }) => `${method} ${path.replace(/\?.*/, '')}`)).toEqual([
      'POST /oauth/v2/private-apps/get/access-token-info',
      'GET /communication-preferences/v4/definitions',
      'GET /communication-preferences/v4/statuses/doctor%40example.com/unsubscribe-all',
      'POST /communication-preferences/v4/statuses/batch/unsubscribe-all/read',
    ]);
  });

  it('does not show secrets', async () => {
    const { stdout } = await findings();

    expect(stdout).not.toContain(token);
    expect(stdout).not.toContain('sample-secret');
  });

  it.each<[string, Readonly<Record<string, string>>, Readonly<Record<string, unknown>>]>([
    ['a missing variable', { LEDGER_TABLE: '' }, { check: 'environment', message: 'LEDGER_TABLE is missing' }],
    ['an invalid version', { HUBSPOT_API_VERSION: 'v9' }, { message: 'HUBSPOT_API_VERSION is not valid' }],
    [
      'a short retention',
      { LEDGER_RETENTION_DAYS: '7' },
      { check: 'retention', message: expect.stringContaining('LEDGER_RETENTION_DAYS is not valid: at least 30') },
    ],
    ['an unreachable public URL', { PUBLIC_URL: 'http://127.0.0.1:1' }, { check: 'public URL' }],
    [
      'a missing table',
      { LEDGER_TABLE: 'nowhere' },
      { check: 'ledger', message: expect.stringContaining('ResourceNotFound') },
    ],
    [
      'a missing secret',
      { LINKS_SECRET: 'nowhere' },
      { check: 'LINKS_SECRET', message: expect.stringContaining('cannot be read') },
    ],
    [
      'an unreachable HubSpot',
      { HUBSPOT_BASE_URL: 'http://127.0.0.1:1' },
      { check: 'token', message: 'HubSpot does not respond' },
    ],
    [
      'a rate above the limit',
      { HUBSPOT_RATE_PER_10_S: '500' },
      { check: 'rate', message: '500 calls per 10 s configured, 190 allowed' },
    ],
  ])('reports %s with a fix', async (_what, variables, fault) => {
    const { found, code } = await findings(variables);

    expect(code).toBe(1);
    expect(found).toContainEqual(expect.objectContaining({ result: 'fault', fix: expect.any(String), ...fault }));
  });

  it.each([
    ['no bulk queue', '', 'warning', 'there is none: imports delay new opt-outs'],
    ['a missing one', 'nowhere', 'fault', 'unavailable: QueueDoesNotExist'],
    [
      'one with its own dead letters',
      'other',
      'warning',
      'its dead letters go to a queue of their own, which relay redrive does not read',
    ],
  ])('reports %s', async (_what, name, result, message) => {
    const { sqs, queueUrl } = under.context;
    const deadLetterTargetArn = 'arn:aws:sqs:us-east-1:000000000000:other-dead';
    await sqs.send(new CreateQueueCommand({ QueueName: 'other-dead' }));
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 1000 });
    const Attributes = { RedrivePolicy, VisibilityTimeout: '180', MessageRetentionPeriod: '1209600' };
    await sqs.send(new CreateQueueCommand({ QueueName: 'other', Attributes }));

    const { found } = await findings({ BULK_QUEUE_URL: name && queueUrl.replace(/[^/]+$/, name) });

    const about = found.filter(({ check, result: each }) => check === 'bulk queue' && each !== 'ok');
    expect(about).toMatchObject([{ result, message, fix: expect.any(String) }]);
  });

  it('reports a missing queue', async () => {
    const { found } = await findings({ QUEUE_URL: under.context.queueUrl.replace(/[^/]+$/, 'nowhere') });

    expect(
      found.filter(({ result }) => result === 'fault').map(({ check, message }) => `${check}: ${message}`),
    ).toEqual(['queue: unavailable: QueueDoesNotExist', 'dead letters: unavailable: QueueDoesNotExist']);
  });

  it.each<[string, string, string]>([
    ['quotes', '{"token": "\'pat-shibboleth\'"}', 'the token contains quotes'],
    ['invalid JSON', '{pat-shibboleth', 'it is not JSON'],
    ['a blank value', ' ', 'the token is blank'],
  ])('reports a secret with %s without showing it', async (_what, value, message) => {
    await putSecret('HUBSPOT_SECRET', value);

    const { found, stdout } = await findings();

    expect(found).toContainEqual(
      expect.objectContaining({ check: 'HUBSPOT_SECRET', result: 'fault', message: expect.stringContaining(message) }),
    );
    expect(stdout).not.toContain('shibboleth');
  });

  it('names a secret that could be guessed by its position, and shows neither its value nor an unknown name', async () => {
    const long = 'shibboleth-0123456789abcdef';
    const given = {
      postmark: `${long}:shibboleth`,
      ses: 'arn:aws:sns:us-east-1:0:a',
      mailgun: [`${long}:${long}`, `${long}:shibboleth`],
      salesforce: ['00D5e000000KQ2eEAG:shibboleth15chs', '00D5e000000KQ2eEAG:shibboleth-16chr'],
      svix: ['whsec_shibboleth', ' '],
      shibboleth: 'shibboleth',
    };
    const links = { keys: [{ kid: 'a', key: 'A'.repeat(43) }], apiKeys: [long, 'shibboleth'] };
    const restore = [await replaceSecret('SOURCES_SECRET', given), await replaceSecret('LINKS_SECRET', links)];

    const { found, stdout, code } = await findings();
    await Promise.all(restore.map((each) => each()));

    const warnings = found.filter(({ check, result }) => check.endsWith('_SECRET') && result === 'warning');
    expect(warnings.map(({ check, message }) => `${check}: ${message}`)).toEqual([
      'SOURCES_SECRET: 1 unknown source name',
      'SOURCES_SECRET: postmark: secret 1 has fewer than 16 characters',
      'SOURCES_SECRET: mailgun: secret 2 has fewer than 16 characters',
      'SOURCES_SECRET: salesforce: secret 1 has fewer than 16 characters',
      'SOURCES_SECRET: svix: secret 1 has fewer than 16 characters',
      'LINKS_SECRET: API key 2 has fewer than 16 characters',
    ]);
    expect(warnings[1]?.fix).toContain('openssl rand');
    expect(code).toBe(0);
    expect(stdout).not.toContain('shibboleth');
  });

  it('reports a token that HubSpot rejects', async () => {
    await under.sim('tokens', 'POST', { tokens: ['another'] });

    expect((await findings()).found).toContainEqual(
      expect.objectContaining({ check: 'token', result: 'fault', message: 'HubSpot rejects the token (401)' }),
    );
  });

  it('compares the brands and lists with the account', async () => {
    expect((await findings()).found).toContainEqual({
      check: 'brands',
      result: 'ok',
      message: '1 business units, each one is covered',
    });
  });

  const NEXT = '--next-version';
  const version = (found: Awaited<ReturnType<typeof findings>>['found'], name: string) =>
    found.find(({ check }) => check === name);

  it('reads the same status with each later version and compares the responses', async () => {
    const { found, code } = await findings({}, NEXT);

    expect(code).toBe(0);
    for (const next of ['2026-03', '2026-09']) {
      expect(version(found, `version ${next}`)).toMatchObject({
        result: 'ok',
        message: `responds as v4 does; to switch, set hubspotApiVersion to ${next} and deploy`,
      });
    }
    const asked = (await under.asked()).map(({ method, path }) => `${method} ${path}`);
    expect(asked.filter((each) => each.includes('/statuses/doctor%40example.com?'))).toEqual(
      ['v4', '2026-03', '2026-09'].map(
        (each) => `GET /communication-preferences/${each}/statuses/doctor%40example.com?channel=EMAIL`,
      ),
    );
  });

  it.each<[string, object, string, string]>([
    ['does not exist yet', { match: '/2026-09/', status: 404 }, 'fault', 'HubSpot responds 404'],
    [
      'responds differently',
      { match: '/2026-09/', status: 200, body: '{"status":"COMPLETE","results":[]}' },
      'fault',
      'responds differently from v4',
    ],
    [
      'responds while the current one does not',
      { match: '/v4/statuses/doctor%40example.com?', status: 410 },
      'warning',
      'it responds, but v4 responds 410',
    ],
  ])('says that a later version %s', async (_what, fault, result, message) => {
    await under.sim('faults', 'POST', [fault]);

    expect(version((await findings({}, NEXT)).found, 'version 2026-09')).toMatchObject({ result, message });
  });

  it('says that there is no later version', async () => {
    const { found } = await findings({ HUBSPOT_API_VERSION: '2026-09' }, NEXT);

    expect(version(found, 'next version')).toMatchObject({ result: 'ok' });
  });

  it('does not report missing scopes while HubSpot is down', async () => {
    await under.sim('faults', 'POST', [{ match: 'unsubscribe-all', times: 1, status: 503 }]);

    const { code, found } = await findings();

    expect(code).toBe(0);
    expect(found).toContainEqual(
      expect.objectContaining({ result: 'warning', message: 'HubSpot is failing: it responds 503' }),
    );
    expect(found.filter(({ check }) => check.startsWith('scope'))).toEqual([]);
  });

  it('reports the scopes that are not granted', async () => {
    await under.sim('tokens', 'POST', { tokens: [token], scopes: ['communication_preferences.read'] });

    const { found, code } = await findings();

    expect(code).toBe(1);
    expect(found.map(({ check, result }) => `${check}: ${result}`)).toEqual(
      expect.arrayContaining(['scope to read: ok', 'scope to write: fault', 'scope of contacts: warning', 'tier: ok']),
    );
    expect(found.find(({ check }) => check === 'tier')?.message).toContain('read one by one');
  });

  it('says that it cannot check the scopes of other kinds of token', async () => {
    await under.sim('faults', 'POST', [{ match: 'access-token-info', times: 1, status: 404 }]);

    expect((await findings()).found).toContainEqual({
      check: 'scope to write',
      result: 'ok',
      message: expect.stringContaining('the first opt-out will show it'),
    });
  });

  it('warns before the daily limit is used up', async () => {
    await under.sim('limits', 'POST', { daily: 3 });

    expect((await findings()).found).toContainEqual(
      expect.objectContaining({ check: 'daily limit', result: 'warning' }),
    );
  });

  it('warns if the table does not delete expired entries', async () => {
    const { found, code } = await findings({ LEDGER_RETENTION_DAYS: '365' });

    expect(code).toBe(0);
    expect(found.filter(({ check }) => check === 'retention')).toEqual([
      {
        check: 'retention',
        result: 'warning',
        message: '365 days, but TTL is off on the table: no entry is deleted',
        fix: 'deploy infra/ledger.yml without changes',
      },
    ]);
  });

  it('accepts TTL on the right attribute only', async () => {
    const ttlFinding = async (AttributeName: string) => {
      const TimeToLiveDescription = { TimeToLiveStatus: 'ENABLED', AttributeName };
      const { url } = await listening((response) => response.end(JSON.stringify({ TimeToLiveDescription })));
      const { found } = await findings({ LEDGER_RETENTION_DAYS: '365', AWS_ENDPOINT_URL_DYNAMODB: url });
      return found.find(({ check }) => check === 'retention');
    };

    expect(await ttlFinding('expiresAt')).toEqual({
      check: 'retention',
      result: 'ok',
      message: 'entries are deleted 365 days after they were completed',
    });
    expect(await ttlFinding('another')).toMatchObject({ result: 'warning' });
  });

  it('reports a misconfigured queue and table, and dead letters', async () => {
    const { sqs, queueUrl } = under.context;
    await sqs.send(new CreateQueueCommand({ QueueName: 'bare', Attributes: { MessageRetentionPeriod: '3600' } }));
    await sqs.send(new SendMessageCommand({ QueueUrl: under.deadLettersUrl, MessageBody: '{}' }));
    await new DynamoDBClient().send(
      new CreateTableCommand({
        TableName: 'bare',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      }),
    );

    const usual = await findings();
    const { found } = await findings({ QUEUE_URL: queueUrl.replace(/[^/]+$/, 'bare'), LEDGER_TABLE: 'bare' });

    expect(found.filter(({ result }) => result !== 'ok').map(({ check, message }) => `${check}: ${message}`)).toEqual([
      expect.stringMatching(/^pages: /),
      'queue: no dead-letter queue: undeliverable messages are retried indefinitely',
      'queue: visibility timeout of only 30 s: two functions may process the same message',
      'queue: retention of only 1 h',
      'dead letters: the queue has no RedrivePolicy: pass --dead-letters <url>',
      expect.stringMatching(
        /^ledger: (missing or not yet ACTIVE: index by-address, by-contact, unfinished-by-age|the table is CREATING)/,
      ),
    ]);
    expect(usual.found).toContainEqual(
      expect.objectContaining({ check: 'dead letters', result: 'warning', message: '1 message' }),
    );
  });
});
