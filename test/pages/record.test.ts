import { expect, it } from 'vitest';
import type { StatusToken } from '../../functions/core/links/sealed-link.ts';
import type { PageOptOut, PagePorts } from '../../functions/pages/record.ts';
import { record } from '../../functions/pages/record.ts';
import { AT, plus } from '../core/examples.ts';
import { EMAIL, site } from './visitor.ts';

const optOut: PageOptOut = { source: 'form', email: EMAIL, language: 'de', receivedAt: AT };
const idOf = async (change: Partial<PageOptOut>) => {
  const { ports, queued } = site();
  await record({ ...optOut, ...change }, ports);
  return queued[0]?.id;
};

it('puts the opt-out on the queue before it says so, and before it gives a receipt', async () => {
  const steps: string[] = [];
  const { ports } = site();
  const sealStatusToken = async ({ receivedAt }: StatusToken) => {
    steps.push('receipt');
    return receivedAt;
  };
  const noted: PagePorts = {
    ...ports,
    enqueue: async () => void steps.push('queue'),
    report: ({ event }) => void steps.push(event),
    sealer: { ...ports.sealer, sealStatusToken },
  };

  expect(await record(optOut, noted)).toEqual({ receiptPath: `/receipts/${AT.toISOString()}?lang=de` });
  expect(steps).toEqual(['queue', 'optout.accepted', 'receipt']);
});

it('is an opt-out from all, by a person, now', async () => {
  const { ports, queued } = site();
  await record({ ...optOut, brand: 'pets' }, ports);

  const now = AT.toISOString();
  expect(queued).toMatchObject([
    { email: EMAIL, source: 'form', kind: 'opt_out', scope: 'all', brand: 'pets', occurredAt: now, receivedAt: now },
  ]);
});

it('is the same act within the minute, and a new one after it', async () => {
  expect(await idOf({ receivedAt: plus(59.999) })).toBe(await idOf({}));
  expect(await idOf({ receivedAt: plus(60) })).not.toBe(await idOf({}));
});

it('is another act by another way', async () => {
  expect(await idOf({ source: 'page' })).not.toBe(await idOf({}));
});

it('is another act for another brand', async () => {
  const ids = await Promise.all([idOf({}), idOf({ brand: 'pets' }), idOf({ brand: 'cats' })]);

  expect(new Set(ids).size).toBe(3);
});
