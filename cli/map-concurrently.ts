/** Maps items with up to `concurrency` calls at once and yields the results in order. Reads no further ahead than that. */
export async function* mapConcurrently<Item, Result>(
  items: AsyncIterable<Item> | Iterable<Item>,
  concurrency: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const pending: Promise<Result>[] = [];
  for await (const item of items) {
    const result = work(item);
    // Awaited below. Until then a rejection must not count as unhandled.
    result.catch(() => undefined);
    pending.push(result);
    const due = pending.length < concurrency ? [] : pending.splice(0, 1);
    for (const first of due) yield await first;
  }
  for (const result of pending) yield await result;
}
