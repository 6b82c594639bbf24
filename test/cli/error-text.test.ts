import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, expect, it, vi } from 'vitest';
import { errorText } from '../../cli/error-text.ts';
import { aws, thrownBy } from '../aws/listening.ts';

afterEach(() => void vi.unstubAllEnvs());

const named = (name: string) => Object.assign(new Error('shibboleth'), { name });
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

it.each([
  ['CredentialsProviderError', 'no AWS credentials'],
  ['ExpiredTokenException', 'have expired'],
  ['AccessDeniedException', 'access denied'],
])('gives advice on %s', (name, advice) => {
  expect(errorText(named(name))).toContain(advice);
  expect(errorText(named(name))).toContain(name);
  expect(errorText(named(name))).not.toContain('shibboleth');
});

it('gives advice on a refused connection and a missing region', async () => {
  const list = (client: DynamoDBClient) => thrownBy(() => client.send(new ListTablesCommand({})));

  expect(errorText(await list(new DynamoDBClient(aws('http://127.0.0.1:1'))))).toContain('is npm start running?');
  for (const name of ['AWS_REGION', 'AWS_PROFILE']) vi.stubEnv(name, undefined);
  for (const name of ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE']) vi.stubEnv(name, '/dev/null');
  expect(errorText(await list(new DynamoDBClient({ credentials })))).toContain('set AWS_REGION');
});

it('gives the code or name of any other error', () => {
  expect(errorText(named('TypeError'))).toBe('TypeError');
  expect(errorText(Object.assign(new Error('shibboleth'), { code: 'ENOENT' }))).toBe('ENOENT');
  expect(errorText('shibboleth')).toBe('unknown error');
});
