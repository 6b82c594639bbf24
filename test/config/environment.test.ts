import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readEnvironment } from '../../functions/config/environment.ts';
import { Misconfigured } from '../../functions/core/model/errors.ts';
import { allOf, thrownBy } from '../aws/listening.ts';

type Name = keyof ReturnType<typeof readEnvironment>;

const REQUIRED = {
  PUBLIC_URL: 'https://relay.example.com',
  QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/000000000000/optout-relay',
  LEDGER_TABLE: 'optout-relay',
  HUBSPOT_SECRET: 'optout-relay/hubspot',
  SOURCES_SECRET: 'optout-relay/sources',
  LINKS_SECRET: 'optout-relay/links',
  RECEIPTS_SECRET: 'optout-relay/receipts',
} as const;
const DEFAULTED = {
  HUBSPOT_BASE_URL: new URL('https://api.hubapi.com'),
  HUBSPOT_API_VERSION: 'v4',
  HUBSPOT_RATE_PER_10_S: 100,
  DELIVER_CONCURRENCY: 2,
  POWERTOOLS_METRICS_NAMESPACE: 'OptOutRelay',
} as const;
const OPTIONAL = ['SES_TOPIC_ARN', 'RESULT_BUS'] as const;
const RETENTION = 'LEDGER_RETENTION_DAYS';
const ORIGINS = ['shibboleth', 'https://', 'ftp://shibboleth.example', 'mailto:shibboleth@example.com'];
const PATHS = [
  'https://shibboleth.example/v1',
  'https://user:shibboleth@example.com',
  'https://example.com?shibboleth',
];
const COUNTS = ['0', '-1', '1.5', '1e3', '0x10', ' 5', '1000000', 'shibboleth'];

beforeEach(() => {
  for (const name of [...Object.keys(REQUIRED), ...Object.keys(DEFAULTED), ...OPTIONAL, RETENTION]) {
    vi.stubEnv(name, undefined);
  }
});
afterEach(() => {
  vi.unstubAllEnvs();
});

async function refusalOf(name: Name, value: string | undefined) {
  vi.stubEnv(name, value);
  const error = await thrownBy(() => readEnvironment(name));
  expect(error).toBeInstanceOf(Misconfigured);
  return error;
}

describe('readEnvironment', () => {
  it('reads the variables and uses the defaults for missing ones', () => {
    for (const [name, value] of Object.entries(REQUIRED)) vi.stubEnv(name, value);

    const names = [...Object.keys(REQUIRED), ...Object.keys(DEFAULTED)] as Name[];

    expect(readEnvironment(...names)).toEqual({ ...REQUIRED, PUBLIC_URL: new URL(REQUIRED.PUBLIC_URL), ...DEFAULTED });
  });

  it('uses the default for an empty variable', () => {
    for (const name of Object.keys(DEFAULTED)) vi.stubEnv(name, '');

    expect(readEnvironment(...(Object.keys(DEFAULTED) as (keyof typeof DEFAULTED)[]))).toEqual(DEFAULTED);
  });

  it.each(OPTIONAL)('returns undefined for %s if it is missing or empty', (name) => {
    expect(readEnvironment(name)).toEqual({ [name]: undefined });
    vi.stubEnv(name, '');
    expect(readEnvironment(name)).toEqual({ [name]: undefined });
    vi.stubEnv(name, ' crm ');
    expect(readEnvironment(name)).toEqual({ [name]: 'crm' });
  });

  it('reads the named variables only', () => {
    vi.stubEnv('LEDGER_TABLE', ' ledger ');
    vi.stubEnv('PUBLIC_URL', 'shibboleth');

    expect(readEnvironment('LEDGER_TABLE')).toEqual({ LEDGER_TABLE: 'ledger' });
  });

  it.each<[Name, string, unknown]>([
    ['PUBLIC_URL', 'http://127.0.0.1:8787/', new URL('http://127.0.0.1:8787')],
    ['QUEUE_URL', 'http://127.0.0.1:9324/000000000000/q', 'http://127.0.0.1:9324/000000000000/q'],
    ['HUBSPOT_BASE_URL', 'http://127.0.0.1:8788', new URL('http://127.0.0.1:8788')],
    ['HUBSPOT_API_VERSION', '2026-03', '2026-03'],
    ['HUBSPOT_API_VERSION', '2026-09', '2026-09'],
    ['HUBSPOT_RATE_PER_10_S', '190', 190],
    ['DELIVER_CONCURRENCY', '10', 10],
    ['BULK_QUEUE_URL', 'http://127.0.0.1:9324/000000000000/b', 'http://127.0.0.1:9324/000000000000/b'],
    ['BULK_QUEUE_URL', '', undefined],
    ['HUBSPOT_BATCH', '', undefined],
    ['HUBSPOT_BATCH', 'false', undefined],
    ['HUBSPOT_BATCH', 'true', 100],
    ['HUBSPOT_BATCH', '1', 100],
    ['HUBSPOT_BATCH', '25', 25],
  ])('reads %s %s', (name, value, expected) => {
    vi.stubEnv(name, value);

    expect(readEnvironment(name)).toEqual({ [name]: expected });
  });

  it.each(Object.keys(REQUIRED) as Name[])('names %s if it is missing or empty', async (name) => {
    for (const value of [undefined, '']) {
      expect((await refusalOf(name, value)).message).toBe(`${name} is missing`);
    }
  });

  it.each<[Name, readonly string[]]>([
    ['PUBLIC_URL', [' ', ...ORIGINS, ...PATHS]],
    ['QUEUE_URL', [' ', ...ORIGINS]],
    ['LEDGER_TABLE', [' \t']],
    ['HUBSPOT_SECRET', ['  ']],
    ['SOURCES_SECRET', ['\n']],
    ['LINKS_SECRET', [' ']],
    ['RECEIPTS_SECRET', [' ']],
    ['HUBSPOT_BASE_URL', [' ', ...ORIGINS, ...PATHS]],
    ['HUBSPOT_API_VERSION', [' ', 'v3', 'V4', 'shibboleth']],
    ['HUBSPOT_RATE_PER_10_S', [' ', ...COUNTS]],
    ['DELIVER_CONCURRENCY', [' ', ...COUNTS]],
    ['BULK_QUEUE_URL', [' ', ...ORIGINS]],
    ['HUBSPOT_BATCH', [' ', '101', 'yes', ...COUNTS]],
  ])('names %s if it is invalid, without its value', async (name, values) => {
    for (const value of values) {
      const error = await refusalOf(name, value);

      expect(error.message).toBe(`${name} is not valid`);
      expect(allOf(error)).not.toContain('shibboleth');
    }
  });

  it('keeps the ledger indefinitely without a number of days', () => {
    expect(readEnvironment(RETENTION)).toEqual({ [RETENTION]: undefined });
    for (const [value, days] of [
      ['', undefined],
      ['30', 30],
      ['3650', 3650],
    ] as const) {
      vi.stubEnv(RETENTION, value);
      expect(readEnvironment(RETENTION)).toEqual({ [RETENTION]: days });
    }
  });

  it.each(['29', '1', '30.5', '-30', '1e3', 'shibboleth', ' '])('explains why %s days are invalid', async (value) => {
    expect((await refusalOf(RETENTION, value)).message).toBe(
      'LEDGER_RETENTION_DAYS is not valid: at least 30, because queues keep messages for 14 days and a repeated event must still find its entry',
    );
  });
});
