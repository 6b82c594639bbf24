import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { optOutRequested, parseOptOutRequested } from '../../functions/aws/opt-out-requested.ts';
import { Unreadable } from '../../functions/core/model/errors.ts';
import { allOf, thrownBy } from './listening.ts';

const least = { version: 1, email: 'ann@example.com' };
const full = {
  ...least,
  id: 'order-4711',
  occurredAt: '2026-11-02T11:00:00.5+01:00',
  brand: 'acme',
  list: 'news',
  reason: 'complaint',
};

describe('parseOptOutRequested', () => {
  it.each([least, full])('parses the documented fields: %j', (detail) => {
    expect(parseOptOutRequested(detail)).toEqual({ request: detail, ignoredFields: [] });
  });

  it('ignores unknown fields', () => {
    expect(parseOptOutRequested({ ...least, note: 'x' })).toEqual({ request: least, ignoredFields: [] });
  });

  it.each([
    ['id', ['', 7, null]],
    ['occurredAt', ['yesterday', '2026-11-02T10:00:00', '1969-12-31T23:59:59Z', 1_795_637_700]],
    ['brand', ['', ['acme']]],
    ['list', ['', { name: 'news' }]],
    ['reason', ['soft_bounce', 'unsubscribed', 1]],
  ])('drops an invalid %s and keeps the rest', (name, values) => {
    for (const value of values) {
      const { [name]: _left, ...rest } = full as Record<string, unknown>;

      expect(parseOptOutRequested({ ...full, [name]: value })).toEqual({ request: rest, ignoredFields: [name] });
    }
  });

  it('names each dropped field once', () => {
    expect(parseOptOutRequested({ ...full, id: '', list: 3 }).ignoredFields).toEqual(['id', 'list']);
  });

  it.each([
    ['version', { ...full, version: 2 }],
    ['version', { ...full, version: '1' }],
    ['version', { email: 'ann@example.com' }],
    ['email', { ...full, email: ['ann@example.com'] }],
    ['email', { version: 1, id: '' }],
    ['version', 'ann@example.com'],
    ['version', [full]],
    ['version', undefined],
  ])('throws without a valid %s, and the error does not contain the value', async (name, detail) => {
    const error = await thrownBy(() => parseOptOutRequested(detail));

    expect(error).toEqual(new Unreadable(`detail.${name} is not valid`));
    expect(allOf(error)).not.toContain('ann@example');
  });
});

it('matches docs/opt-out-requested.schema.json; run with --update after an intended change', async () => {
  const schema = z.toJSONSchema(optOutRequested, { io: 'input' });

  await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot('../../docs/opt-out-requested.schema.json');
});
