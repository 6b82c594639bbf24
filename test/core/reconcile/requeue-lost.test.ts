import { describe, expect, it } from 'vitest';
import type { Entry } from '../../../functions/core/ledger/ledger.ts';
import { requeueLost } from '../../../functions/core/reconcile/requeue-lost.ts';
import { CONTACT, optOut, plus } from '../examples.ts';
import { entry, run, sweepPorts } from './sweep-ports.ts';

const HOUR = 3600;
const due = plus(0).getTime();

describe('requeueLost', () => {
  it('enqueues the stored command of an entry that was due more than an hour ago', async () => {
    const ports = sweepPorts([entry('lost', { dueAt: due }), entry('late', { dueAt: due + 1000 })]);

    await requeueLost(run(HOUR + 1), ports);

    expect(ports.queue).toEqual([optOut({ id: 'lost' })]);
    expect(ports.events).toEqual([{ event: 'optout.requeued', optOut: optOut({ id: 'lost' }) }]);
  });

  it('enqueues it once, and again an hour later if that message is lost too', async () => {
    const ports = sweepPorts([entry('lost', { dueAt: due })]);

    for (const seconds of [HOUR + 1, HOUR + 300, 2 * HOUR + 1]) await requeueLost(run(seconds), ports);
    expect(ports.queue).toHaveLength(1);
    await requeueLost(run(2 * HOUR + 2), ports);

    expect(ports.queue).toHaveLength(2);
  });

  it.each<[string, Partial<Entry>]>([
    ['a closed entry', { state: 'confirmed' }],
    ['a held entry', { state: 'held' }],
    ['an entry without a due time', {}],
    ['an erased entry', { dueAt: due, erasedAt: plus(9).toISOString() }],
  ])('does not enqueue %s', async (_what, change) => {
    const ports = sweepPorts([entry('a', { ...(change.state ? { dueAt: due } : {}), ...change })]);

    await requeueLost(run(9 * HOUR), ports);

    expect(ports.queue).toEqual([]);
  });

  it('does not enqueue an entry that another attempt has claimed in the meantime', async () => {
    const ports = sweepPorts([entry('a', { dueAt: due })]);
    const { requeue } = ports.operatorLedger;
    const operatorLedger: typeof ports.operatorLedger = {
      ...ports.operatorLedger,
      requeue: (found, now) => {
        ports.put(entry('a', { dueAt: due + 9 }));
        return requeue(found, now);
      },
    };

    await requeueLost(run(2 * HOUR), { ...ports, operatorLedger });

    expect([ports.queue, ports.events]).toEqual([[], []]);
  });

  it('enqueues the command an hour later if the queue has failed', async () => {
    const ports = sweepPorts([entry('a', { dueAt: due })]);
    const enqueue = () => Promise.reject(new Error('unreachable'));

    await expect(requeueLost(run(2 * HOUR), { ...ports, enqueue })).rejects.toThrow('unreachable');
    expect(ports.events).toEqual([]);
    await requeueLost(run(3 * HOUR + 1), ports);

    expect(ports.queue).toEqual([optOut({ id: 'a' })]);
  });

  it('enqueues the contact id of a contact, not the address that was found', async () => {
    const ports = sweepPorts([entry('a', { dueAt: due, contactId: CONTACT })]);

    await requeueLost(run(2 * HOUR), ports);

    expect(ports.queue).toMatchObject([{ id: 'a', contactId: CONTACT }]);
    expect(ports.queue[0]).not.toHaveProperty('email');
  });

  it('keeps the hold of the command', async () => {
    const ports = sweepPorts([entry('a', { dueAt: due, hold: 'ambiguous' })]);

    await requeueLost(run(2 * HOUR), ports);

    expect(ports.queue).toEqual([optOut({ id: 'a', hold: 'ambiguous' })]);
  });

  it('enqueues up to 500 commands per run, and none without time', async () => {
    const ports = sweepPorts(Array.from({ length: 600 }, (_, index) => entry(`e${index}`, { dueAt: due })));

    await requeueLost(run(2 * HOUR, 0), ports);
    expect(ports.queue).toHaveLength(0);
    await requeueLost(run(2 * HOUR), ports);
    expect(ports.queue).toHaveLength(500);
    await requeueLost(run(2 * HOUR + 300), ports);
    expect(ports.queue).toHaveLength(600);
  });

  it('counts only enqueued commands toward the limit of 500', async () => {
    const erased = entry('a', { dueAt: due, erasedAt: plus(9).toISOString() });
    const lost = Array.from({ length: 500 }, (_, index) => entry(`e${index}`, { dueAt: due }));
    const ports = sweepPorts([erased, ...lost]);

    await requeueLost(run(2 * HOUR), ports);

    expect(ports.queue).toHaveLength(500);
  });
});
