import { expect, it } from 'vitest';
import { compareWithConfig } from '../../../cli/doctor/brands.ts';
import type { Probes } from '../../../cli/doctor/probe.ts';
import { defineConfig } from '../../../functions/config/relay-config.ts';

type Config = Parameters<typeof defineConfig>[0];

const ACCOUNT = [{ id: '1', businessUnitId: '0' }];
const TYPES = [...ACCOUNT, { id: '7001', businessUnitId: '7' }];

function findings({ types, hubId }: Partial<Pick<Probes, 'types' | 'hubId'>>, config: Config = {}) {
  const unused = { scopes: undefined, definitions: 200, status: 200, batch: 200, limit: undefined, daily: undefined };
  const found = compareWithConfig({ ...unused, types, hubId }, defineConfig(config));
  return found.map(({ check, result, message }) => `${check} ${result}: ${message}`);
}

it.each<[string, Parameters<typeof findings>, string[]]>([
  ['an account without brands', [{ types: ACCOUNT }], ['brands ok: 1 business units, each one is covered']],
  [
    'brands that are all configured',
    [{ types: TYPES }, { brands: { pets: { businessUnitId: '7' } } }],
    ['brands ok: 2 business units, each one is covered'],
  ],
  [
    'a business unit without a brand',
    [{ types: TYPES }],
    ['brands warning: business units without a brand in relay.config.ts: 7'],
  ],
  [
    'a brand without subscription types',
    [{ types: ACCOUNT }, { brands: { toys: { businessUnitId: '9' } } }],
    ['brands warning: business units without a subscription type in HubSpot: 9'],
  ],
  [
    'unreadable definitions',
    [{}, { sources: { sendgrid: { lists: { '12': '1' } } } }],
    ['brands warning: unknown: HubSpot does not list its subscription types'],
  ],
  [
    'lists of missing types',
    [{ types: ACCOUNT }, { sources: { sendgrid: { lists: { '12': '1', '13': '4711' } }, brevo: { lists: 'all' } } }],
    [
      'brands ok: 1 business units, each one is covered',
      'lists fault: mapped to subscription types that HubSpot does not have: 4711 (sendgrid)',
    ],
  ],
  [
    'another account',
    [{ types: ACCOUNT, hubId: '12' }, { sources: { hubspot: { portalId: '34' } } }],
    [
      'brands ok: 1 business units, each one is covered',
      'account fault: the token is for account 12, portalId of the source "hubspot" is 34',
    ],
  ],
  [
    'the same account',
    [{ types: ACCOUNT, hubId: '34' }, { sources: { hubspot: { portalId: '34' } } }],
    ['brands ok: 1 business units, each one is covered'],
  ],
  [
    'an unknown account',
    [{ types: ACCOUNT }, { sources: { hubspot: { portalId: '34' } } }],
    ['brands ok: 1 business units, each one is covered'],
  ],
])('compares relay.config.ts with %s', (_what, args, expected) => {
  expect(findings(...args)).toEqual(expected);
});
