import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { RECEIPT_SCRIPT } from '../../functions/pages/receipt-script.ts';

interface FakeResponse {
  readonly ok: boolean;
  readonly state: string;
}

/** Runs the script on a fake page with a fake clock. `respond` gives the response to each request, counted from 1. */
async function run(respond: (requestNumber: number) => FakeResponse) {
  const waits: number[] = [];
  const requests: string[] = [];
  const shown = { title: 'Recorded', text: 'recorded', state: 'received', isFocused: false };
  const clock = { now: 0 };
  const due: (() => Promise<void>)[] = [];
  const status = {
    dataset: { state: 'received' },
    querySelector: () => ({ href: 'https://relay.example.com/receipts/x?lang=en' }),
    contains: () => true,
    replaceChildren: (text: string) => void Object.assign(shown, { text }),
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
    setTimeout(poll: () => Promise<void>, waitMs: number) {
      clock.now += waitMs;
      waits.push(waitMs);
      due.push(poll);
    },
    async fetch(url: string, { headers }: { readonly headers: { readonly accept: string } }) {
      requests.push(`${headers.accept} ${url}`);
      const { ok, state } = respond(requests.length);
      return { ok, json: async () => ({ state }), text: async () => 'page' };
    },
    DOMParser: class {
      parseFromString() {
        const fresh = { dataset: { state: 'confirmed' }, childNodes: ['confirmed'] };
        return { title: 'Confirmed', querySelector: () => fresh };
      }
    },
  });
  for (let poll = due.shift(); poll; poll = due.shift()) await poll();
  return { waits, requests, shown: { ...shown, state: status.dataset.state }, tookMs: clock.now };
}

const RECEIPT_URL = 'https://relay.example.com/receipts/x?lang=en';

describe('the script of a receipt', () => {
  it('polls JSON until the state changes, then shows the status of the fetched page', async () => {
    const { requests, shown } = await run((number) => ({ ok: true, state: number < 4 ? 'received' : 'confirmed' }));

    expect(requests).toEqual([
      ...Array.from({ length: 4 }, () => `application/json ${RECEIPT_URL}`),
      `text/html ${RECEIPT_URL}`,
    ]);
    expect(shown).toEqual({ title: 'Confirmed', text: 'confirmed', state: 'confirmed', isFocused: true });
  });

  it('polls with growing intervals and stops within two minutes', async () => {
    const { waits, shown, tookMs } = await run(() => ({ ok: true, state: 'received' }));

    expect(waits[0]).toBe(1_000);
    expect(waits.toSorted((a, b) => a - b)).toEqual(waits);
    expect(Math.max(...waits)).toBeLessThanOrEqual(15_000);
    expect(waits.length).toBeLessThan(16);
    expect(tookMs).toBeGreaterThan(90_000);
    expect(tookMs).toBeLessThanOrEqual(120_000);
    expect(shown.text).toBe('recorded');
  });

  it('continues after an error response or a lost connection', async () => {
    const { shown } = await run((number) => {
      if (number === 1) throw new Error('offline');
      return number === 2 ? { ok: false, state: 'confirmed' } : { ok: true, state: 'confirmed' };
    });

    expect(shown.state).toBe('confirmed');
  });
});
