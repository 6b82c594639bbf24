import type { Unfinished } from '../../core/model/state.ts';

/**
 * The number of partition keys per state in the index by age. DynamoDB limits each to 1,000 writes per second.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
 */
const SHARDS = 16;

/** A state and a shard, such as `open#7`: the partition key of the index by age. */
export type Shard = `${Unfinished}#${number}`;

/** Returns the shard of a command. Its id is a hash, so that every shard gets the same share. */
export function shardOf(state: Unfinished, id: string): Shard {
  return `${state}#${(Buffer.from(id, 'base64url')[0] ?? 0) % SHARDS}`;
}

export function shardsOf(state: Unfinished): readonly Shard[] {
  return Array.from({ length: SHARDS }, (_none, index): Shard => `${state}#${index}`);
}

/** Merges sequences that are in ascending order of a key. Holds one item of each. */
export async function* merge<Item>(
  sequences: readonly AsyncIterable<Item>[],
  keyOf: (item: Item) => string,
): AsyncGenerator<Item> {
  const firsts = await Promise.all(sequences.map((sequence) => head(sequence[Symbol.asyncIterator]())));
  let heads = firsts.flat();
  while (heads.length > 0) {
    const first = heads.reduce((one, two) => (keyOf(two.item) < keyOf(one.item) ? two : one));
    yield first.item;
    const next = await head(first.rest);
    heads = heads.flatMap((each) => (each === first ? next : each));
  }
}

interface Head<Item> {
  readonly item: Item;
  readonly rest: AsyncIterator<Item>;
}

/** Returns an empty list at the end of a sequence. */
async function head<Item>(rest: AsyncIterator<Item>): Promise<readonly Head<Item>[]> {
  const { done, value } = await rest.next();
  return done ? [] : [{ item: value, rest }];
}
