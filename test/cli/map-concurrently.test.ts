import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { mapConcurrently } from '../../cli/map-concurrently.ts';

async function all<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const read: Value[] = [];
  for await (const value of values) read.push(value);
  return read;
}

async function* counting(to: number) {
  for (let count = 0; count < to; count += 1) yield count;
}

it('yields results in order with at most the given number of calls at once', async () => {
  let running = 0;
  let most = 0;
  const work = async (item: number) => {
    running += 1;
    most = Math.max(most, running);
    await sleep((item * 7) % 5);
    running -= 1;
    return item * 2;
  };

  const results = await all(mapConcurrently(counting(50), 8, work));

  expect(results).toEqual(Array.from({ length: 50 }, (_, index) => index * 2));
  expect(most).toBeLessThanOrEqual(8);
  expect(most).toBeGreaterThan(1);
});

it('reads no further ahead than the concurrency', async () => {
  let read = 0;
  async function* reading() {
    for await (const each of counting(100)) {
      read += 1;
      yield each;
    }
  }

  for await (const result of mapConcurrently(reading(), 4, async (item) => item)) if (result === 2) break;

  expect(read).toBeLessThanOrEqual(8);
});

it('rejects with the first error in order', async () => {
  const work = async (item: number) => {
    if (item >= 3) throw new Error(`item ${item}`);
    return item;
  };

  await expect(all(mapConcurrently(counting(10), 4, work))).rejects.toThrow('item 3');
});

it('yields nothing for no items', async () => {
  expect(await all(mapConcurrently(counting(0), 4, async (item) => item))).toEqual([]);
});
