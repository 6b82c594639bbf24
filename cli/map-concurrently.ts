/** Works on so many items at once and gives the results in the items' order, without ever holding more than these. */
export async function* inOrder<Item, Result>(
  items: AsyncIterable<Item> | Iterable<Item>,
  atOnce: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const begun: Promise<Result>[] = [];
  for await (const item of items) {
    const result = work(item);
    // Whoever waits for it hears of it; until then nobody does.
    result.catch(() => undefined);
    begun.push(result);
    const due = begun.length < atOnce ? [] : begun.splice(0, 1);
    for (const first of due) yield await first;
  }
  for (const result of begun) yield await result;
}
