import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Reads a value repeatedly until it satisfies the condition, and returns it. Waits `everyMs` between reads.
 * @throws {Error} if the condition is not met within `limitMs`
 */
export async function until<Value>(
  read: () => Promise<Value>,
  isDone: (value: Value) => boolean,
  { limitMs = 15_000, everyMs = 25 } = {},
): Promise<Value> {
  const endMs = Date.now() + limitMs;
  for (;;) {
    const value = await read();
    if (isDone(value)) return value;
    if (Date.now() > endMs) throw new Error(`the condition was not met within ${limitMs} ms`);
    await sleep(everyMs);
  }
}
