import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LocalSecretsManager, startSecretsManager } from '../../../local/aws/secrets-manager.ts';

let server: LocalSecretsManager;
let client: SecretsManagerClient;

beforeEach(async () => {
  server = await startSecretsManager({ port: 0 });
  client = clientOf(server.url);
});

afterEach(async () => {
  client.destroy();
  await server.close();
});

function clientOf(endpoint: string): SecretsManagerClient {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return new SecretsManagerClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
}

async function put(text: string, SecretId = 'hubspot'): Promise<string> {
  const { VersionId = '' } = await client.send(new PutSecretValueCommand({ SecretId, SecretString: text }));
  return VersionId;
}

function get(SecretId = 'hubspot') {
  return client.send(new GetSecretValueCommand({ SecretId }));
}

function post(target: string, body: string): Promise<Response> {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target };
  return fetch(server.url, { method: 'POST', headers, body });
}

describe('a secret', () => {
  it('is read by its name and its ARN', async () => {
    server.write('hubspot', '{"token":"t"}');

    const byName = await get();
    const byArn = await get(byName.ARN);

    expect(byName.ARN).toMatch(/^arn:aws:secretsmanager:us-east-1:000000000000:secret:hubspot-\w{6}$/);
    for (const response of [byName, byArn]) {
      expect(response).toMatchObject({ ARN: byName.ARN, Name: 'hubspot', SecretString: '{"token":"t"}' });
      expect(response.VersionId).toBe(byName.VersionId);
      expect(response.VersionStages).toEqual(['AWSCURRENT']);
      expect(Math.abs(Date.now() - Number(response.CreatedDate))).toBeLessThan(60_000);
    }
  });

  it('has a new version after each PutSecretValue', async () => {
    server.write('hubspot', 'one');
    const before = await get();

    const versionId = await put('two');

    expect(versionId).not.toBe(before.VersionId);
    expect(await get()).toMatchObject({ ARN: before.ARN, VersionId: versionId, SecretString: 'two' });
  });

  it('that does not exist is neither read nor put', async () => {
    for (const call of [get('none'), put('one', 'none')]) {
      await expect(call).rejects.toMatchObject({
        name: 'ResourceNotFoundException',
        $metadata: { httpStatusCode: 400 },
      });
    }
  });

  it('rejects an empty value', async () => {
    server.write('hubspot', 'one');

    await expect(put('')).rejects.toMatchObject({ name: 'InvalidRequestException' });
    expect(server.read('hubspot')).toBe('one');
  });
});

describe('the process', () => {
  it('shares its secrets with clients', async () => {
    server.write('hubspot', 'one');
    server.write('hubspot', 'two');

    expect((await get()).SecretString).toBe('two');
    await put('three');
    expect(server.read('hubspot')).toBe('three');
    expect(server.read('none')).toBeUndefined();
  });

  it('keeps secrets across a restart, in a file that only its owner can read', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'secrets-'));
    try {
      const before = await startSecretsManager({ port: 0, dir: join(dir, 'deeper') });
      before.write('hubspot', 'one');
      before.write('hubspot', 'two');
      await before.close();

      const after = await startSecretsManager({ port: 0, dir: join(dir, 'deeper') });
      expect(after.read('hubspot')).toBe('two');
      expect((await stat(join(dir, 'deeper', 'secrets-manager.sqlite'))).mode & 0o777).toBe(0o600);
      await after.close();
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  it('closes with open connections, and twice', async () => {
    server.write('hubspot', 'one');
    await get();

    await server.close();

    const late = clientOf(server.url);
    await expect(late.send(new GetSecretValueCommand({ SecretId: 'hubspot' }))).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
    late.destroy();
    await server.close();
  });

  it('does not start on a port in use', async () => {
    await expect(startSecretsManager({ port: server.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

describe('the protocol', () => {
  it('returns the error name in the body and in a header', async () => {
    const response = await post('secretsmanager.GetSecretValue', '{"SecretId":"none"}');

    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('application/x-amz-json-1.1');
    expect(response.headers.get('x-amzn-errortype')).toBe('ResourceNotFoundException');
    expect(response.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
    expect(await response.json()).toEqual({
      __type: 'ResourceNotFoundException',
      message: "Secrets Manager can't find the specified secret.",
    });
  });

  it.each([
    ['an unknown operation', 'secretsmanager.RotateSecret', '{}', 'UnknownOperationException'],
    ['an operation of another service', 'AWSEvents.GetSecretValue', '{}', 'UnknownOperationException'],
    ['a body that is not JSON', 'secretsmanager.GetSecretValue', 'SecretId=hubspot', 'SerializationException'],
    ['a body that is not an object', 'secretsmanager.GetSecretValue', '[]', 'SerializationException'],
    ['a member of the wrong type', 'secretsmanager.GetSecretValue', '{"SecretId":1}', 'SerializationException'],
    ['a missing member', 'secretsmanager.GetSecretValue', '{}', 'ValidationException'],
  ])('rejects %s', async (_case, target, body, type) => {
    const response = await post(target, body);

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ __type: type });
  });
});
