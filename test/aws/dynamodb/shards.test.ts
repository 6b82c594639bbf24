import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { merge, shardOf, shardsOf } from '../../../functions/aws/dynamodb/shards.ts';

describe('the shards of the index by age', () => {
  it('get the same share of the commands', () => {
    const counts = new Map<string, number>(shardsOf('open').map((shard) => [shard, 0]));
    for (let index = 0; index < 16_000; index += 1) {
      const shard = shardOf('open', hash('sha256', `${index}`, 'base64url'));
      counts.set(shard, (counts.get(shard) ?? Number.NaN) + 1);
    }

    expect(counts.size).toBe(16);
    for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });

  it('keep a command in the same shard in every state', () => {
    const id = hash('sha256', 'an event', 'base64url');
    const number = shardOf('open', id).split('#')[1];

    expect(shardOf('held', id)).toBe(`held#${number}`);
    expect(shardsOf('rejected')).toContain(shardOf('rejected', id));
  });
});

describe('merge', () => {
  async function* sequence(items: readonly string[], onRead: () => void = () => {}) {
    for (const item of items) {
      onRead();
      yield item;
    }
  }

  it('yields the items of all sequences in order', async () => {
    const sequences = [sequence(['b', 'e']), sequence([]), sequence(['a', 'c', 'd', 'f'])];

    expect((await Array.fromAsync(merge(sequences, (item) => item))).join('')).toBe('abcdef');
  });

  it('reads at most one item of each sequence ahead', async () => {
    let read = 0;
    const sequences = Array.from({ length: 4 }, (_none, index) =>
      sequence(
        Array.from({ length: 1_000 }, (_item, place) => String(place * 4 + index).padStart(5, '0')),
        () => {
          read += 1;
        },
      ),
    );
    const merged = merge(sequences, (item) => item);

    for (let taken = 1; taken <= 10; taken += 1) {
      await merged.next();
      expect(read).toBeLessThanOrEqual(taken + 4);
    }
  });
});
