import { describe, expect, it } from 'vitest';
import { Unreadable } from '../../../functions/core/model/errors.ts';
import type { OptOutRequest } from '../../../functions/core/readers/opt-out-request.ts';
import { readOptOutRequest } from '../../../functions/core/readers/opt-out-request.ts';

const AT = '2026-11-02T10:00:00Z';
const envelope = { id: 'b1', source: 'shop', 'detail-type': 'Opt-Out Requested', time: AT, detail: { email: 'x' } };

const ARRIVAL = new Date('2026-11-02T10:00:05Z');

function read(change: Partial<OptOutRequest> = {}, ignoredFields: readonly string[] = [], event: object = envelope) {
  const request = { email: 'Ada@Example.com', ...change };
  const ports = { parseRequest: () => ({ request, ignoredFields }), brands: ['pets'], clock: () => ARRIVAL };
  return readOptOutRequest({ ...event }, ports);
}

describe('readOptOutRequest', () => {
  it('reads an address alone as an opt-out from everything', () => {
    expect(read()).toEqual({
      signals: [
        {
          kind: 'opt_out',
          scope: 'all',
          email: 'ada@example.com',
          eventKey: 'shop b1',
          occurredAt: new Date(AT),
          confidence: 'exact',
        },
      ],
      unreadable: [],
    });
  });

  it.each<[Partial<OptOutRequest>, object]>([
    [{ id: 'order-4711' }, { eventKey: 'shop order-4711' }],
    [{ list: 'news' }, { scope: { list: 'news' } }],
    [{ reason: 'hard_bounce' }, { kind: 'hard_bounce' }],
    [{ occurredAt: '2026-11-01T12:00:00+02:00' }, { occurredAt: new Date('2026-11-01T10:00:00Z') }],
  ])('reads the optional fields %j', (change, expected) => {
    expect(read(change)).toMatchObject({ signals: [expected], unreadable: [] });
  });

  it('returns a configured brand', () => {
    expect(read({ brand: 'pets' })).toMatchObject({ brand: 'pets', unreadable: [] });
  });

  it.each(['cats', 'constructor'])('ignores and reports a brand that is not configured: %s', (brand) => {
    const reading = read({ brand }, ['list']);

    expect(reading.signals).toHaveLength(1);
    expect(reading).not.toHaveProperty('brand');
    expect(reading.unreadable).toEqual([
      'detail.list is not valid and was ignored',
      'detail.brand is not valid and was ignored',
    ]);
  });

  it('gives the same id of two systems different keys', () => {
    const [one, two] = ['shop', 'crm'].map((source) => read({ id: '1' }, [], { ...envelope, source }).signals[0]);

    expect(one?.eventKey).not.toBe(two?.eventKey);
  });

  it.each([
    ['the email address is not valid', { email: 'nobody' }, envelope],
    ['source is missing', {}, { ...envelope, source: undefined }],
  ])('throws if %s', (reason, change, event) => {
    expect(() => read(change, [], event)).toThrow(new Unreadable(reason));
  });

  it.each<[string, string[], object]>([
    ['no time', [], { time: undefined }],
    ['a time in another format', [], { time: 'today' }],
    ['an `occurredAt` that was ignored', ['occurredAt'], {}],
  ])('never loses an opt-out with %s: it occurred on arrival', (_what, ignoredFields, change) => {
    const { signals } = read({}, ignoredFields, { ...envelope, ...change });

    expect(signals).toMatchObject([{ email: 'ada@example.com', occurredAt: ARRIVAL, isTimeAssumed: true }]);
  });

  it.each([
    [{ time: AT }, `shop  ${AT}`],
    [{ time: undefined }, 'shop  2026-11-02'],
  ])('has a key even without an id: %j', (change, eventKey) => {
    const { signals } = read({}, [], { ...envelope, id: undefined, ...change });

    expect(signals).toMatchObject([{ eventKey }]);
  });
});
