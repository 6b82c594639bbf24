import { describe, expect, it } from 'vitest';
import { Unreadable } from '../../../functions/core/model/errors.ts';
import type { Kind } from '../../../functions/core/model/signal.ts';
import type { SenderEvent } from '../../../functions/core/readers/sender-event.ts';
import { readEvent, timeIn } from '../../../functions/core/readers/sender-event.ts';
import { ADA, AT, plus } from '../examples.ts';

const event: SenderEvent = { kind: 'opt_out', address: ADA, times: ['2026-11-02T09:00:00Z'], id: 'e1' };

function read(change: Partial<SenderEvent>, receivedAt = AT) {
  return readEvent({ ...event, ...change }, { receivedAt });
}

describe('a time', () => {
  const nine = new Date('2026-11-02T09:00:00.000Z');

  it.each([
    ['seconds', 1_793_610_000],
    ['seconds as text', '1793610000'],
    ['milliseconds', 1_793_610_000_000],
    ['milliseconds as text', '1793610000000'],
    ['ISO 8601 in UTC', '2026-11-02T09:00:00Z'],
    ['ISO 8601 with a fraction of seven digits', '2026-11-02T09:00:00.0000000Z'],
    ['ISO 8601 without seconds', '2026-11-02T09:00Z'],
    ['an offset', '2026-11-02T11:00:00+02:00'],
    ['an offset without a colon, after a space', '2026-11-02 11:00:00 +0200'],
    ['a space instead of T', '2026-11-02 09:00:00Z'],
    ['the word UTC', '2026-11-02 09:00:00 UTC'],
  ])('is read in %s', (_what, value) => {
    expect(timeIn(value)).toEqual(nine);
  });

  it('is read with the fraction of its second', () => {
    expect(timeIn(1_793_610_000.25)).toEqual(new Date('2026-11-02T09:00:00.250Z'));
  });

  it('is read without an offset only if its zone is known', () => {
    expect(timeIn('2026-11-02 09:00:00')).toBeUndefined();
    expect(timeIn('2026-11-02 09:00:00', 'UTC')).toEqual(nine);
    expect(timeIn('2026-11-02T11:00:00+02:00', 'UTC')).toEqual(nine);
  });

  const deep: unknown[] = [];
  for (let inner = deep, depth = 0; depth < 100_000; depth += 1) inner = inner[inner.push([]) - 1] as unknown[];

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['an empty text', ''],
    ['a word', 'yesterday'],
    ['a date alone', '2026-11-02'],
    ['a month 13', '2026-13-02T09:00:00Z'],
    ['zero', 0],
    ['a placeholder', '0001-01-01T00:00:00Z'],
    ['a count', 42],
    ['microseconds', 1_793_610_000_000_000],
    ['infinity', Number.POSITIVE_INFINITY],
    ['a list', ['2026-11-02T09:00:00Z']],
    ['a deep list', deep],
  ])('is not read from %s', (_what, value) => {
    expect(timeIn(value, 'UTC')).toBeUndefined();
  });
});

describe('an event', () => {
  it('becomes a signal', () => {
    expect(read({})).toEqual([
      {
        kind: 'opt_out',
        scope: 'all',
        email: ADA,
        eventKey: 'e1',
        occurredAt: new Date('2026-11-02T09:00:00Z'),
        confidence: 'exact',
      },
    ]);
    expect(read({ scope: { list: '7' }, confidence: 'ambiguous', address: 'Ada <Ada@Example.com>' })).toMatchObject([
      { scope: { list: '7' }, confidence: 'ambiguous', email: ADA },
    ]);
  });

  it('takes the first of its times that can be read', () => {
    expect(read({ times: [null, 'soon', 1_793_610_000, 1] })).toMatchObject([
      { occurredAt: new Date(1_793_610_000_000) },
    ]);
  });

  it.each([[[]], [[undefined]], [['yesterday']]])('occurred on arrival if its times are %j', (times) => {
    expect(read({ times })).toMatchObject([{ kind: 'opt_out', occurredAt: AT, isTimeAssumed: true }]);
  });

  it.each([
    ['its time', { times: [1_793_610_000] }, 'm1 unsub 1793610000'],
    ['a time that cannot be read', { times: ['yesterday'] }, 'm1 unsub yesterday'],
    ['the day of arrival if there is no time', { times: [null] }, 'm1 unsub 2026-11-02'],
  ])('without an id has a key with %s', (_what, change, eventKey) => {
    expect(read({ ...change, id: undefined, key: ['m1', 'unsub'] })).toMatchObject([{ eventKey }]);
    expect(read({ ...change, id: undefined, key: ['m1', 'unsub'] }, plus(3600))).toMatchObject([{ eventKey }]);
  });

  it('about the address of a test is a test', () => {
    const isTest = (email: string) => email === ADA;

    expect(read({ isTest, address: 'ADA@example.com' })).toMatchObject([{ kind: 'test' }]);
    expect(read({ isTest, address: 'grace@example.com' })).toMatchObject([{ kind: 'opt_out' }]);
  });

  it('with an unknown word is ignored', () => {
    expect(read({ kind: undefined })).toMatchObject([{ kind: 'ignored', email: ADA }]);
  });

  it.each<Kind | undefined>(['soft_bounce', 'suppressed', 'resubscribe', 'test', 'ignored', undefined])(
    'of kind %s without an address gives no signal',
    (kind) => {
      for (const address of [undefined, null, '', 'ada', 7, {}]) expect(read({ kind, address })).toEqual([]);
    },
  );

  it.each<Kind>(['opt_out', 'complaint', 'hard_bounce'])('of kind %s without an address is unreadable', (kind) => {
    for (const address of [undefined, null, '', 'ada', 7, {}]) {
      expect(() => read({ kind, address })).toThrow(new Unreadable('the email address is not valid'));
    }
  });
});
