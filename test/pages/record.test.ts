import { expect, it } from 'vitest';
import type { StatusToken } from '../../functions/core/links/sealed-link.ts';
import type { PageOptOut, PagePorts } from '../../functions/pages/record.ts';
import { record } from '../../functions/pages/record.ts';
import { AT } from '../core/examples.ts';
import { EMAIL, site } from './visitor.ts';

const optOut: PageOptOut = { source: 'form', email: EMAIL, language: 'de', receivedAt: AT };
const idOf = async (change: Partial<PageOptOut>) => {
  const { ports, queued } = site();
  await record({ ...optOut, ...change }, ports);
  return queued[0]?.id;
};

it('queues the opt-out before it reports it and issues a receipt', async () => {
  const steps: string[] = [];
  const { ports } = site();
  const sealStatusToken = async ({ receivedAt }: StatusToken) => {
    steps.push('receipt');
    return receivedAt;
  };
  const recording: PagePorts = {
    ...ports,
    enqueue: async () => void steps.push('queue'),
    report: ({ event }) => void steps.push(event),
    sealer: { ...ports.sealer, sealStatusToken },
  };

  expect(await record(optOut, recording)).toEqual({
    id: expect.stringMatching(/^[\w-]{43}$/),
    receiptPath: `/receipts/${AT.toISOString()}?lang=de`,
  });
  expect(steps).toEqual(['queue', 'optout.accepted', 'receipt']);
});

it('queues an opt-out from the brand, as of now', async () => {
  const { ports, queued } = site();
  await record({ ...optOut, brand: 'pets' }, ports);

  const now = AT.toISOString();
  expect(queued).toMatchObject([
    { email: EMAIL, source: 'form', kind: 'opt_out', scope: 'all', brand: 'pets', occurredAt: now, receivedAt: now },
  ]);
});

it('gives every act an id of its own', async () => {
  const ids = await Promise.all([idOf({}), idOf({}), idOf({ source: 'page' }), idOf({ brand: 'pets' })]);

  expect(new Set(ids).size).toBe(4);
});
