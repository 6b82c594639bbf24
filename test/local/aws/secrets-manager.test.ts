import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
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

async function create(text = 'one') {
  const { ARN = '', VersionId = '' } = await client.send(
    new CreateSecretCommand({ Name: 'hubspot', SecretString: text }),
  );
  return { arn: ARN, versionId: VersionId };
}

async function put(text: string, stages?: string[]): Promise<string> {
  const input = { SecretId: 'hubspot', SecretString: text, ...(stages && { VersionStages: stages }) };
  return (await client.send(new PutSecretValueCommand(input))).VersionId ?? '';
}

function get(input: { SecretId?: string; VersionId?: string; VersionStage?: string } = {}) {
  return client.send(new GetSecretValueCommand({ SecretId: 'hubspot', ...input }));
}

function move(VersionStage: string, input: { MoveToVersionId?: string; RemoveFromVersionId?: string }) {
  return client.send(new UpdateSecretVersionStageCommand({ SecretId: 'hubspot', VersionStage, ...input }));
}

async function stages() {
  return (await client.send(new DescribeSecretCommand({ SecretId: 'hubspot' }))).VersionIdsToStages;
}

function post(target: string, body: string): Promise<Response> {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target };
  return fetch(server.url, { method: 'POST', headers, body });
}

describe('a secret', () => {
  it('is read by its name, its ARN, and its ARN without the suffix', async () => {
    const { arn, versionId } = await create('{"token":"t"}');

    const answers = await Promise.all(['hubspot', arn, arn.slice(0, -7)].map((SecretId) => get({ SecretId })));

    expect(arn).toMatch(/^arn:aws:secretsmanager:us-east-1:000000000000:secret:hubspot-\w{6}$/);
    for (const answer of answers) {
      expect(answer).toMatchObject({ ARN: arn, Name: 'hubspot', VersionId: versionId, SecretString: '{"token":"t"}' });
      expect(answer.VersionStages).toEqual(['AWSCURRENT']);
      expect(Math.abs(Date.now() - Number(answer.CreatedDate))).toBeLessThan(60_000);
    }
  });

  it('keeps bytes', async () => {
    const bytes = new Uint8Array([0, 255, 128, 10]);

    await client.send(new CreateSecretCommand({ Name: 'hubspot', SecretBinary: bytes }));

    const { SecretBinary, SecretString } = await get();
    expect([...(SecretBinary ?? [])]).toEqual([...bytes]);
    expect(SecretString).toBeUndefined();
  });

  it('may be made without a value, and is current from its first one, whatever the label', async () => {
    await client.send(new CreateSecretCommand({ Name: 'hubspot', Description: 'HubSpot token' }));
    await expect(get()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });

    const id = await put('one', ['AWSPENDING']);

    expect(await stages()).toEqual({ [id]: ['AWSCURRENT', 'AWSPENDING'] });
    const described = await client.send(new DescribeSecretCommand({ SecretId: 'hubspot' }));
    expect(described).toMatchObject({ Name: 'hubspot', Description: 'HubSpot token' });
    expect(described.LastChangedDate).toBeInstanceOf(Date);
  });

  it('is refused under a name that is taken or not allowed', async () => {
    await create();

    await expect(create('two')).rejects.toMatchObject({
      name: 'ResourceExistsException',
      $metadata: { httpStatusCode: 400 },
    });
    await expect(client.send(new CreateSecretCommand({ Name: 'a b' }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
    expect(server.read('hubspot')).toBe('one');
  });

  it('is created once when the same request comes twice', async () => {
    const request = { Name: 'hubspot', SecretString: 'one', ClientRequestToken: crypto.randomUUID() };

    const first = await client.send(new CreateSecretCommand(request));
    const second = await client.send(new CreateSecretCommand(request));

    expect(second.ARN).toBe(first.ARN);
    expect(second.VersionId).toBe(request.ClientRequestToken);
  });

  it('is gone when deleted, with a recovery window or without', async () => {
    for (const ForceDeleteWithoutRecovery of [true, false]) {
      const { arn } = await create();
      const answer = await client.send(new DeleteSecretCommand({ SecretId: arn, ForceDeleteWithoutRecovery }));

      expect(answer).toMatchObject({ ARN: arn, Name: 'hubspot', DeletionDate: expect.any(Date) });
      await expect(get()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
      expect(server.read('hubspot')).toBeUndefined();
    }
  });

  it('that does not exist is deleted only by force', async () => {
    const forced = await client.send(new DeleteSecretCommand({ SecretId: 'none', ForceDeleteWithoutRecovery: true }));

    expect(forced.Name).toBe('none');
    await expect(client.send(new DeleteSecretCommand({ SecretId: 'none' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    const both = { SecretId: 'none', ForceDeleteWithoutRecovery: true, RecoveryWindowInDays: 7 };
    await expect(client.send(new DeleteSecretCommand(both))).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
  });

  it('is listed with its labels, page by page', async () => {
    for (const name of ['a', 'b', 'c']) server.write(name, name);

    const first = await client.send(new ListSecretsCommand({ MaxResults: 2 }));
    const second = await client.send(new ListSecretsCommand({ MaxResults: 2, NextToken: first.NextToken }));

    expect(first.SecretList?.map((secret) => secret.Name)).toEqual(['a', 'b']);
    expect(second.SecretList?.map((secret) => secret.Name)).toEqual(['c']);
    expect(second.NextToken).toBeUndefined();
    expect(Object.values(second.SecretList?.[0]?.SecretVersionsToStages ?? {})).toEqual([['AWSCURRENT']]);
  });
});

describe('a version', () => {
  it('takes AWSCURRENT, and AWSPREVIOUS goes to the one before', async () => {
    const { versionId: one } = await create();
    const two = await put('two');
    expect(await stages()).toEqual({ [one]: ['AWSPREVIOUS'], [two]: ['AWSCURRENT'] });

    const three = await put('three');

    expect(await stages()).toEqual({ [two]: ['AWSPREVIOUS'], [three]: ['AWSCURRENT'] });
    expect((await get({ VersionStage: 'AWSPREVIOUS' })).SecretString).toBe('two');
    expect((await get({ VersionId: one })).SecretString).toBe('one');
  });

  it('waits as AWSPENDING, keeps that label when promoted, and gives it to the next', async () => {
    const { versionId: one } = await create();
    const two = await put('two', ['AWSPENDING']);
    expect((await get()).SecretString).toBe('one');

    await move('AWSCURRENT', { MoveToVersionId: two, RemoveFromVersionId: one });

    expect(await stages()).toEqual({ [one]: ['AWSPREVIOUS'], [two]: ['AWSCURRENT', 'AWSPENDING'] });
    const three = await put('three', ['AWSPENDING']);
    expect(await stages()).toEqual({ [one]: ['AWSPREVIOUS'], [two]: ['AWSCURRENT'], [three]: ['AWSPENDING'] });
    await move('AWSPENDING', { RemoveFromVersionId: three });
    expect(await stages()).toEqual({ [one]: ['AWSPREVIOUS'], [two]: ['AWSCURRENT'] });
  });

  it('loses AWSPENDING when a value is put over it', async () => {
    const { versionId: one } = await create();
    const two = await put('two', ['AWSPENDING']);
    await move('AWSCURRENT', { MoveToVersionId: two, RemoveFromVersionId: one });

    const three = await put('three');

    expect(await stages()).toEqual({ [two]: ['AWSPREVIOUS'], [three]: ['AWSCURRENT'] });
  });

  it('is rolled back to by moving AWSCURRENT', async () => {
    const { versionId: one } = await create();
    const two = await put('two', ['AWSCURRENT', 'LATEST']);

    await move('AWSCURRENT', { MoveToVersionId: one, RemoveFromVersionId: two });

    expect(await stages()).toEqual({ [one]: ['AWSCURRENT'], [two]: ['AWSPREVIOUS', 'LATEST'] });
    expect(server.read('hubspot')).toBe('one');
  });

  it('gives a label up only to a request that names it', async () => {
    const { versionId: one } = await create();
    const two = await put('two', ['AWSPENDING']);
    const refused = [
      move('AWSCURRENT', { MoveToVersionId: two }),
      move('AWSCURRENT', { MoveToVersionId: two, RemoveFromVersionId: two }),
      move('AWSCURRENT', { RemoveFromVersionId: one }),
      move('AWSPENDING', { RemoveFromVersionId: one }),
      move('UNSEEN', { MoveToVersionId: two, RemoveFromVersionId: one }),
      move('AWSPENDING', {}),
    ];

    for (const refusal of await Promise.allSettled(refused)) {
      expect(refusal).toMatchObject({ status: 'rejected', reason: { name: 'InvalidParameterException' } });
    }
    await expect(move('AWSCURRENT', { MoveToVersionId: 'none', RemoveFromVersionId: one })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    expect(await stages()).toEqual({ [one]: ['AWSCURRENT'], [two]: ['AWSPENDING'] });
  });

  it('takes a free label, and keeps one that it has', async () => {
    const { versionId: one } = await create();

    await move('LATEST', { MoveToVersionId: one });
    await move('AWSCURRENT', { MoveToVersionId: one });

    expect(await stages()).toEqual({ [one]: ['AWSCURRENT', 'LATEST'] });
  });

  it('is put once under one ClientRequestToken', async () => {
    await create();
    const request = { SecretId: 'hubspot', SecretString: 'two', ClientRequestToken: crypto.randomUUID() };
    await client.send(new PutSecretValueCommand(request));
    await put('three');

    const repeated = await client.send(new PutSecretValueCommand(request));
    const changed = client.send(new PutSecretValueCommand({ ...request, SecretString: 'other' }));

    expect(repeated).toMatchObject({ VersionId: request.ClientRequestToken, VersionStages: ['AWSPREVIOUS'] });
    await expect(changed).rejects.toMatchObject({ name: 'ResourceExistsException' });
    expect((await get()).SecretString).toBe('three');
  });

  it('is refused without a value, with two, or with a short token', async () => {
    await create();
    const request = { SecretId: 'hubspot', SecretString: 'two' };

    const none = client.send(new PutSecretValueCommand({ SecretId: 'hubspot' }));
    const two = client.send(new PutSecretValueCommand({ ...request, SecretBinary: new Uint8Array([1]) }));
    const short = client.send(new PutSecretValueCommand({ ...request, ClientRequestToken: 'short' }));

    await expect(none).rejects.toMatchObject({ name: 'InvalidRequestException' });
    await expect(two).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await expect(short).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });

  it('is not found under another id or label', async () => {
    const { versionId } = await create();
    const two = await put('two', ['AWSPENDING']);

    await expect(get({ VersionStage: 'constructor' })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(get({ VersionId: crypto.randomUUID() })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(get({ VersionId: two, VersionStage: 'AWSCURRENT' })).rejects.toMatchObject({
      name: 'InvalidRequestException',
    });
    expect((await get({ VersionId: versionId, VersionStage: 'AWSCURRENT' })).SecretString).toBe('one');
  });
});

describe('the process', () => {
  it('writes and reads what clients see', async () => {
    server.write('hubspot', 'one');
    server.write('hubspot', 'two');

    expect((await get()).SecretString).toBe('two');
    expect((await get({ VersionStage: 'AWSPREVIOUS' })).SecretString).toBe('one');
    await put('three');
    expect(server.read('hubspot')).toBe('three');
    expect(server.read('none')).toBeUndefined();
  });

  it('keeps secrets over a restart, in a file for its owner', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'secrets-'));
    try {
      const before = await startSecretsManager({ port: 0, dir: join(dir, 'deeper') });
      before.write('hubspot', 'one');
      before.write('hubspot', 'two');
      await before.close();

      const after = await startSecretsManager({ port: 0, dir: join(dir, 'deeper') });
      const again = clientOf(after.url);
      const previous = await again.send(
        new GetSecretValueCommand({ SecretId: 'hubspot', VersionStage: 'AWSPREVIOUS' }),
      );
      again.destroy();

      expect(after.read('hubspot')).toBe('two');
      expect(previous.SecretString).toBe('one');
      expect((await stat(join(dir, 'deeper', 'secrets-manager.sqlite'))).mode & 0o777).toBe(0o600);
      await after.close();
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  it('closes with connections open, and twice', async () => {
    await create();

    await server.close();

    const late = clientOf(server.url);
    await expect(late.send(new ListSecretsCommand())).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    late.destroy();
    await server.close();
  });

  it('does not start on a port that is taken', async () => {
    await expect(startSecretsManager({ port: server.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

describe('the protocol', () => {
  it('names the error in the body and in a header', async () => {
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
    ['an operation that is not there', 'secretsmanager.RotateSecret', '{}', 'UnknownOperationException'],
    ['an operation of another service', 'AWSEvents.GetSecretValue', '{}', 'UnknownOperationException'],
    ['a body that is not JSON', 'secretsmanager.GetSecretValue', 'SecretId=hubspot', 'SerializationException'],
    ['a body that is not an object', 'secretsmanager.GetSecretValue', '[]', 'SerializationException'],
    ['a member of another type', 'secretsmanager.GetSecretValue', '{"SecretId":1}', 'SerializationException'],
    ['a missing member', 'secretsmanager.GetSecretValue', '{}', 'ValidationException'],
    [
      'a value without a token',
      'secretsmanager.CreateSecret',
      '{"Name":"a","SecretString":"b"}',
      'InvalidRequestException',
    ],
  ])('refuses %s', async (_case, target, body, type) => {
    const response = await post(target, body);

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ __type: type });
  });
});
