import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, expect, it, vi } from 'vitest';
import { causeOf } from '../../cli/error-text.ts';
import { aws, thrownBy } from '../aws/listening.ts';

afterEach(() => void vi.unstubAllEnvs());

const named = (name: string) => Object.assign(new Error('shibboleth'), { name });
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

it.each([
  ['CredentialsProviderError', 'no AWS credentials'],
  ['ExpiredTokenException', 'have expired'],
  ['AccessDeniedException', 'does not allow it'],
])('says what to do about %s', (name, words) => {
  expect(causeOf(named(name))).toContain(words);
  expect(causeOf(named(name))).toContain(name);
  expect(causeOf(named(name))).not.toContain('shibboleth');
});

it('says what to do where nothing answers, and where there is no region', async () => {
  const list = (client: DynamoDBClient) => thrownBy(() => client.send(new ListTablesCommand({})));

  expect(causeOf(await list(new DynamoDBClient(aws('http://127.0.0.1:1'))))).toContain('is npm start running?');
  for (const name of ['AWS_REGION', 'AWS_PROFILE']) vi.stubEnv(name, undefined);
  for (const name of ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE']) vi.stubEnv(name, '/dev/null');
  expect(causeOf(await list(new DynamoDBClient({ credentials })))).toContain('set AWS_REGION');
});

it('says of any other error what it is called', () => {
  expect(causeOf(named('TypeError'))).toBe('TypeError');
  expect(causeOf(Object.assign(new Error('shibboleth'), { code: 'ENOENT' }))).toBe('ENOENT');
  expect(causeOf('shibboleth')).toBe('it failed');
});
