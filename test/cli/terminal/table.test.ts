import { describe, expect, it } from 'vitest';
import { listingOf } from '../../../cli/entries/listing.ts';
import { tableOf } from '../../../cli/terminal/table.ts';
import type { Entry } from '../../../functions/core/ledger/ledger.ts';

describe('tableOf', () => {
  it('right-aligns numbers and groups their digits', () => {
    expect(
      tableOf({
        head: ['what', 'count'],
        rows: [
          ['open', 7],
          ['held', 12_345],
        ],
      }),
    ).toBe(
      '┌──────┬────────┐\n│ what │  count │\n├──────┼────────┤\n│ open │      7 │\n│ held │ 12,345 │\n└──────┴────────┘\n',
    );
  });

  it.each([60, 80, 200])('fits %d columns without losing text', (columns) => {
    const id = 'TengIqQ2LkW2LaRPB8J8T199cNVbYLOqX_DV0XEC-pvA';
    const words = `${'many words '.repeat(12)}${id}`;

    const table = tableOf({
      rows: [
        ['meaning', words],
        ['an id', id],
      ],
      columns,
    });

    expect(Math.max(...table.split('\n').map((line) => line.length))).toBeLessThanOrEqual(columns);
    expect(table.replace(/[│\s]/g, '')).toContain(words.replaceAll(' ', ''));
  });
});

describe('listingOf', () => {
  const entry = {
    id: 'TengIqQ2LkW2LaRPB8J8T199cNVbYLOqX_DV0XEC-pvA',
    receivedAt: '2026-11-25T13:01:47.000Z',
    source: 'standard-webhooks',
    kind: 'hard_bounce',
    reason: 'surge-limit',
    email: 'somebody.with.a.long.name@subdomain.example.com',
  } as Entry;

  it('uses one line per entry on a wide terminal and without a terminal', () => {
    for (const columns of [140, undefined]) {
      expect(listingOf([entry, entry], columns).split('\n')).toHaveLength(7);
    }
  });

  it('fits 80 columns and shows the whole address', () => {
    const listing = listingOf([entry, entry], 80);

    expect(Math.max(...listing.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    const addresses = listing
      .split('\n')
      .map((line) => line.split('│')[4]?.trim())
      .join('');
    expect(addresses).toContain('somebody.with.a.long.name@subdomain.example.comsurge-limit');
  });

  it('shows erased recipients and contacts without an address', () => {
    expect(listingOf([{ ...entry, email: 'hash', erasedAt: entry.receivedAt }], 140)).toContain('│ erased    │');
    const { email: _email, ...contact } = { ...entry, contactId: '4711' };
    expect(listingOf([contact], 140)).toContain('│ contact 4711 │');
  });
});
