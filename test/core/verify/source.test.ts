import { expect, it } from 'vitest';
import { Unreadable } from '../../../functions/core/model/errors.ts';
import type { Payload } from '../../../functions/core/payload/fields.ts';
import { readEach } from '../../../functions/core/verify/source.ts';
import { signal } from '../examples.ts';

it('reads every event, and gives the position and the fault of each unreadable one', () => {
  const reading = readEach([{ n: 1 }, 'two', { n: 3 }, null, { n: 5 }], ({ n }) => {
    if (n === 3) throw new Unreadable('email is missing');
    return n === 5 ? [] : [signal({ eventKey: String(n) }), signal({ eventKey: `${n}b` })];
  });

  expect(reading.signals.map(({ eventKey }) => eventKey)).toEqual(['1', '1b']);
  expect(reading.unreadable).toEqual([
    'event 2: it is not an object',
    'event 3: email is missing',
    'event 4: it is not an object',
  ]);
});

it('rethrows an error that is not a RelayError', () => {
  const fault = new TypeError('ours');

  expect(() =>
    readEach([{}], () => {
      throw fault;
    }),
  ).toThrow(fault);
});

it('reads up to 20,000 events', () => {
  const most = Array.from({ length: 20_000 }, () => ({}));

  expect(readEach(most, () => [signal()]).signals).toHaveLength(20_000);
  expect(() => readEach([...most, {}], () => [])).toThrow(new Unreadable('the batch has more than 20000 events'));
});

it('reads up to 20,000 signals, and reports an event with more as unreadable', () => {
  const signalsOf = (event: Payload) => Array.from({ length: Number(event.count) }, () => signal());

  expect(readEach([{ count: 19_999 }, { count: 2 }, { count: 1 }, { count: 500_000 }], signalsOf)).toMatchObject({
    signals: { length: 20_000 },
    unreadable: ['event 2: it has too many recipients or lists', 'event 4: it has too many recipients or lists'],
  });
});
