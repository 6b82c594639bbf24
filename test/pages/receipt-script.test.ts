import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { RECEIPT_SCRIPT } from '../../functions/pages/receipt-script.ts';

interface Told {
  readonly ok: boolean;
  readonly state: string;
}

/** Runs the script on a page of its own, where time passes as fast as it waits; what it was told comes from `answer`. */
async function run(answer: (asked: number) => Told) {
  const waits: number[] = [];
  const asked: string[] = [];
  const shown = { title: 'Recorded', words: 'recorded', state: 'received', isFocused: false };
  const clock = { now: 0 };
  const due: (() => Promise<void>)[] = [];
  const status = {
    dataset: { state: 'received' },
    querySelector: () => ({ href: 'https://relay.example.com/receipts/x?lang=en' }),
    contains: () => true,
    replaceChildren: (words: string) => void Object.assign(shown, { words }),
    focus: () => void Object.assign(shown, { isFocused: true }),
  };
  runInNewContext(RECEIPT_SCRIPT, {
    document: {
      activeElement: {},
      querySelector: () => status,
      set title(title: string) {
        shown.title = title;
      },
    },
    Date: { now: () => clock.now },
    setTimeout(look: () => Promise<void>, waitMs: number) {
      clock.now += waitMs;
      waits.push(waitMs);
      due.push(look);
    },
    async fetch(url: string, { headers }: { readonly headers: { readonly accept: string } }) {
      asked.push(`${headers.accept} ${url}`);
      const { ok, state } = answer(asked.length);
      return { ok, json: async () => ({ state }), text: async () => 'page' };
    },
    DOMParser: class {
      parseFromString() {
        const now = { dataset: { state: 'confirmed' }, childNodes: ['confirmed'] };
        return { title: 'Confirmed', querySelector: () => now };
      }
    },
  });
  for (let look = due.shift(); look; look = due.shift()) await look();
  return { waits, asked, shown: { ...shown, state: status.dataset.state }, tookMs: clock.now };
}

const URL_OF_RECEIPT = 'https://relay.example.com/receipts/x?lang=en';

describe('the script of a receipt', () => {
  it('asks for JSON until the state is another, and then shows the words of the page', async () => {
    const { asked, shown } = await run((times) => ({ ok: true, state: times < 4 ? 'received' : 'confirmed' }));

    expect(asked).toEqual([
      ...Array.from({ length: 4 }, () => `application/json ${URL_OF_RECEIPT}`),
      `text/html ${URL_OF_RECEIPT}`,
    ]);
    expect(shown).toEqual({ title: 'Confirmed', words: 'confirmed', state: 'confirmed', isFocused: true });
  });

  it('asks ever more rarely and gives up within two minutes', async () => {
    const { waits, shown, tookMs } = await run(() => ({ ok: true, state: 'received' }));

    expect(waits[0]).toBe(1_000);
    expect(waits.toSorted((one, other) => one - other)).toEqual(waits);
    expect(Math.max(...waits)).toBeLessThanOrEqual(15_000);
    expect(waits.length).toBeLessThan(16);
    expect(tookMs).toBeGreaterThan(90_000);
    expect(tookMs).toBeLessThanOrEqual(120_000);
    expect(shown.words).toBe('recorded');
  });

  it('lets neither a failure nor a lost connection end it, and takes neither for an answer', async () => {
    const { shown } = await run((times) => {
      if (times === 1) throw new Error('offline');
      return times === 2 ? { ok: false, state: 'confirmed' } : { ok: true, state: 'confirmed' };
    });

    expect(shown.state).toBe('confirmed');
  });
});
