import { describe, expect, it } from 'vitest';
import type { Entry } from '../../../functions/core/ledger/ledger.ts';
import { requeueLost } from '../../../functions/core/reconcile/requeue-lost.ts';
import { CONTACT, optOut, plus } from '../examples.ts';
import { entry, run, sweepPorts } from '../ledger/memory-operator-ledger.ts';

const HOUR = 3600;
const due = plus(0).getTime();

describe('the repair', () => {
  it('puts on the queue again, as it came, what was due more than an hour ago', async () => {
    const ports = sweepPorts([entry('lost', { dueAt: due }), entry('late', { dueAt: due + 1000 })]);

    await requeueLost(run(HOUR + 1), ports);

    expect(ports.queue).toEqual([optOut({ id: 'lost' })]);
    expect(ports.events).toEqual([{ event: 'optout.requeued', optOut: optOut({ id: 'lost' }) }]);
  });

  it('does so once, and an hour later again when that message is lost too', async () => {
    const ports = sweepPorts([entry('lost', { dueAt: due })]);

    for (const seconds of [HOUR + 1, HOUR + 300, 2 * HOUR + 1]) await requeueLost(run(seconds), ports);
    expect(ports.queue).toHaveLength(1);
    await requeueLost(run(2 * HOUR + 2), ports);

    expect(ports.queue).toHaveLength(2);
  });

  it.each<[string, Partial<Entry>]>([
    ['is closed', { state: 'confirmed' }],
    ['is held', { state: 'held' }],
    ['has never had a due time', {}],
    ['has lost its address', { dueAt: due, erasedAt: plus(9).toISOString() }],
  ])('leaves alone what %s', async (_what, change) => {
    const ports = sweepPorts([entry('a', { ...(change.state ? { dueAt: due } : {}), ...change })]);

    await requeueLost(run(9 * HOUR), ports);

    expect(ports.queue).toEqual([]);
  });

  it('leaves alone what an attempt has begun with meanwhile', async () => {
    const ports = sweepPorts([entry('a', { dueAt: due })]);
    const { requeue } = ports.operatorLedger;
    const operatorLedger: typeof ports.operatorLedger = {
      ...ports.operatorLedger,
      requeue: (each, now) => {
        ports.put(entry('a', { dueAt: due + 9 }));
        return requeue(each, now);
      },
    };

    await requeueLost(run(2 * HOUR), { ...ports, operatorLedger });

    expect([ports.queue, ports.events]).toEqual([[], []]);
  });

  it('repairs after another hour what was not sent, since the run died or the queue did not take it', async () => {
    const ports = sweepPorts([entry('a', { dueAt: due })]);
    const enqueue = () => Promise.reject(new Error('down'));

    await expect(requeueLost(run(2 * HOUR), { ...ports, enqueue })).rejects.toThrow('down');
    expect(ports.events).toEqual([]);
    await requeueLost(run(3 * HOUR + 1), ports);

    expect(ports.queue).toEqual([optOut({ id: 'a' })]);
  });

  it('sends the command about a contact as one about a contact', async () => {
    const ports = sweepPorts([entry('a', { dueAt: due, contactId: CONTACT })]);

    await requeueLost(run(2 * HOUR), ports);

    expect(ports.queue).toMatchObject([{ id: 'a', contactId: CONTACT }]);
    expect(ports.queue[0]).not.toHaveProperty('email');
  });

  it('sends a command that is to be held as one that is to be held', async () => {
    const ports = sweepPorts([entry('a', { dueAt: due, hold: 'ambiguous' })]);

    await requeueLost(run(2 * HOUR), ports);

    expect(ports.queue).toEqual([optOut({ id: 'a', hold: 'ambiguous' })]);
  });

  it('sends five hundred in one run at most, and none without time', async () => {
    const ports = sweepPorts(Array.from({ length: 600 }, (_, index) => entry(`e${index}`, { dueAt: due })));

    await requeueLost(run(2 * HOUR, 0), ports);
    expect(ports.queue).toHaveLength(0);
    await requeueLost(run(2 * HOUR), ports);
    expect(ports.queue).toHaveLength(500);
    await requeueLost(run(2 * HOUR + 300), ports);
    expect(ports.queue).toHaveLength(600);
  });

  it('counts for the five hundred only what it sends', async () => {
    const forgotten = entry('a', { dueAt: due, erasedAt: plus(9).toISOString() });
    const lost = Array.from({ length: 500 }, (_, index) => entry(`e${index}`, { dueAt: due }));
    const ports = sweepPorts([forgotten, ...lost]);

    await requeueLost(run(2 * HOUR), ports);

    expect(ports.queue).toHaveLength(500);
  });
});
