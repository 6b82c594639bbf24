import { expect, it } from 'vitest';
import { createDefinitions } from '../../../functions/core/delivery/definitions.ts';
import type { DefinitionsResponse } from '../../../functions/core/delivery/hubspot.ts';
import { subjectsOf } from '../../../functions/core/delivery/subjects.ts';
import { ADA, AT } from '../examples.ts';

const ALL = { email: ADA, scope: 'all' } as const;
const TWO_BRANDS = [
  { id: '1', businessUnitId: '0' },
  { id: '7001', businessUnitId: '7' },
];

function translate(
  coverage: Parameters<typeof subjectsOf>[0],
  response: DefinitionsResponse,
  businessUnitIds: Readonly<Record<string, string>> = {},
) {
  const definitions = createDefinitions({ clock: () => AT, report: () => {} });
  return subjectsOf(coverage, { hubspot: { readDefinitions: async () => response }, definitions, businessUnitIds });
}

it.each<[string, Parameters<typeof translate>, object[]]>([
  ['an account without brands', [ALL, { status: 200, types: [{ id: '1', businessUnitId: '0' }] }], [{}]],
  ['an account without subscription types', [ALL, { status: 200, types: [] }], [{}]],
  [
    'an account with brands, one of them only configured',
    [ALL, { status: 200, types: TWO_BRANDS }, { pets: '7', toys: '9' }],
    [{ businessUnitId: '0' }, { businessUnitId: '7' }, { businessUnitId: '9' }],
  ],
  ['unreadable definitions', [ALL, { status: 403 }, { pets: '7' }], [{}, { businessUnitId: '7' }]],
  ['a configured brand', [{ ...ALL, brand: 'pets' }, { status: 503 }, { pets: '7' }], [{ businessUnitId: '7' }]],
  [
    'a brand that is not configured any longer',
    [{ ...ALL, brand: 'gone' }, { status: 200, types: TWO_BRANDS }, {}],
    [{ businessUnitId: '0' }, { businessUnitId: '7' }],
  ],
  [
    'a list of a configured brand',
    [{ email: ADA, scope: { list: '7001' }, brand: 'pets' }, { status: 503 }, { pets: '7' }],
    [{ businessUnitId: '7', subscriptionId: '7001' }],
  ],
  [
    'a list of a brand',
    [
      { email: ADA, scope: { list: '7001' } },
      { status: 200, types: TWO_BRANDS },
    ],
    [{ businessUnitId: '7', subscriptionId: '7001' }],
  ],
  [
    'a list',
    [
      { email: ADA, scope: { list: '1' } },
      { status: 200, types: TWO_BRANDS },
    ],
    [{ subscriptionId: '1' }],
  ],
  ['an unknown list', [{ email: ADA, scope: { list: '2' } }, { status: 403 }], [{ subscriptionId: '2' }]],
])('translates an opt-out from %s', async (_what, args, subjects) => {
  const expected = subjects.map((subject) => ({ email: ADA, ...subject }));

  expect(await translate(...args)).toStrictEqual({ ok: true, subjects: expected });
});

it.each([401, 423, 429, 477])('translates nothing if HubSpot refuses every call with %d', async (status) => {
  expect(await translate(ALL, { status })).toEqual({ ok: false, response: { status } });
});
