import { describe, expect, it } from 'vitest';
import type { FloodPorts } from '../../../functions/core/intake/flood.ts';
import { createFloodGate } from '../../../functions/core/intake/flood.ts';
import { parseContactId } from '../../../functions/core/model/contact-id.ts';
import type { Command, OptOut } from '../../../functions/core/model/opt-out.ts';
import { optOut, plus } from '../examples.ts';

function gate(carriesOf?: FloodPorts['carriesOf']) {
  const sent = { live: [] as Command[], bulk: [] as Command[] };
  let now = plus(0);
  const enqueue = createFloodGate({
    enqueue: async (commands) => void sent.live.push(...commands),
    enqueueBulk: async (commands) => void sent.bulk.push(...commands),
    ...(carriesOf ? { carriesOf } : {}),
    clock: () => now,
  });
  return { sent, enqueue, wait: (seconds: number) => (now = plus(seconds)) };
}

const many = (count: number, of: Partial<OptOut> = {}) =>
  Array.from({ length: count }, (_none, index) => ({ ...optOut(), ...of, id: `${index}` }) as OptOut);

describe('a flood of one source', () => {
  it('goes to the bulk queue from the 101st command of a minute', async () => {
    const { sent, enqueue } = gate();

    await enqueue(many(60));
    await enqueue(many(60));

    expect([sent.live.length, sent.bulk.length]).toEqual([100, 20]);
  });

  it('does not affect another source', async () => {
    const { sent, enqueue } = gate();
    await enqueue(many(500, { source: 'sendgrid' }));

    await enqueue(many(1, { source: 'mailgun' }));

    expect(sent.live.at(-1)).toMatchObject({ source: 'mailgun' });
  });

  it('ends with the minute', async () => {
    const { sent, enqueue, wait } = gate();
    await enqueue(many(200));
    wait(60);

    await enqueue(many(100));

    expect([sent.live.length, sent.bulk.length]).toEqual([200, 100]);
  });

  it('never includes an act of a person or an erasure', async () => {
    const { sent, enqueue } = gate(() => 'people');
    await enqueue(many(200, { kind: 'hard_bounce' }));

    await enqueue(many(200, { kind: 'opt_out' }));
    await enqueue([{ version: 1, erase: parseContactId('7'), receivedAt: plus(0).toISOString() }]);

    expect(sent.bulk.map((command) => 'kind' in command && command.kind)).toEqual(Array(100).fill('hard_bounce'));
    expect(sent.live).toHaveLength(100 + 200 + 1);
  });

  it('includes the opt-outs of every source that does not carry the acts of people', async () => {
    const { sent, enqueue } = gate((source) => (source === 'generic' ? 'people' : undefined));

    await enqueue(many(200, { source: 'generic' }));
    await enqueue(many(200, { source: 'sendgrid' }));

    expect(sent.bulk.map((command) => 'source' in command && command.source)).toEqual(Array(100).fill('sendgrid'));
  });

  it('is refused as a whole if a queue does not store its part', async () => {
    const enqueue = createFloodGate({
      enqueue: async () => undefined,
      enqueueBulk: () => Promise.reject(new Error('the queue is down')),
      clock: () => plus(0),
    });

    await expect(enqueue(many(100))).resolves.toBeUndefined();
    await expect(enqueue(many(1))).rejects.toThrow('the queue is down');
  });
});
