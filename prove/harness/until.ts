import { setTimeout as sleep } from 'node:timers/promises';

/** Asks until the answer holds, for at most `limitMs`, with pauses between. */
export async function until<Value>(
  ask: () => Promise<Value>,
  holds: (value: Value) => boolean,
  { limitMs = 15_000, everyMs = 25 } = {},
): Promise<Value> {
  const endMs = Date.now() + limitMs;
  for (;;) {
    const value = await ask();
    if (holds(value)) return value;
    if (Date.now() > endMs) throw new Error(`it was not so within ${limitMs} ms`);
    await sleep(everyMs);
  }
}
