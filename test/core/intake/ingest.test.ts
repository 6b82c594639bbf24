import { describe, expect, it } from 'vitest';
import { toOptOut, toOptOuts } from '../../../functions/core/intake/ingest.ts';
import { defaultKinds, defaultPolicy } from '../../../functions/core/intake/policy.ts';
import { optOutId } from '../../../functions/core/model/opt-out.ts';
import type { Kind } from '../../../functions/core/model/signal.ts';
import { ADA, AT, contactSignal, plus, signal } from '../examples.ts';

const arrival = { source: 'acme', receivedAt: plus(5), policy: defaultPolicy };
const kinds = Object.keys(defaultKinds) as Kind[];

describe('toOptOut', () => {
  it('builds the command for a signal', () => {
    expect(toOptOut(signal(), arrival)).toStrictEqual({
      version: 1,
      id: optOutId('acme', signal()),
      email: ADA,
      source: 'acme',
      kind: 'opt_out',
      scope: 'all',
      occurredAt: '2026-11-02T10:00:00.000Z',
      receivedAt: '2026-11-02T10:00:05.000Z',
    });
  });

  it('builds the command for a contact', () => {
    const { email: _email, ...command } = toOptOut(signal(), arrival) ?? {};

    expect(toOptOut(contactSignal(), arrival)).toEqual({
      ...command,
      id: optOutId('acme', contactSignal()),
      contactId: '4711',
    });
  });

  it.each(kinds)('applies the default policy to %s', (kind) => {
    const accepted = toOptOut(signal({ kind }), arrival)?.kind;

    expect(accepted).toBe(['opt_out', 'complaint', 'hard_bounce'].includes(kind) ? kind : undefined);
  });

  it('applies another policy', () => {
    const policy = {
      ...defaultPolicy,
      kinds: { ...defaultKinds, hard_bounce: 'nothing', soft_bounce: 'unsubscribe-all' } as const,
    };

    expect(toOptOut(signal({ kind: 'hard_bounce' }), { ...arrival, policy })).toBeUndefined();
    expect(toOptOut(signal({ kind: 'soft_bounce' }), { ...arrival, policy })?.kind).toBe('soft_bounce');
  });

  it.each([
    ['all', 'all'],
    [{ news: '42' }, { list: '42' }],
    [{ offers: '42' }, 'all'],
  ] as const)('with lists %j turns an opt-out from one list into %j', (lists, scope) => {
    const policy = { ...defaultPolicy, lists };

    expect(toOptOut(signal({ scope: { list: 'news' } }), { ...arrival, policy })?.scope).toEqual(scope);
  });

  it('ignores an opt-out from one list if the policy does', () => {
    const policy = { ...defaultPolicy, lists: 'ignore' } as const;

    expect(toOptOut(signal({ scope: { list: 'news' } }), { ...arrival, policy })).toBeUndefined();
  });

  it('holds an ambiguous opt-out', () => {
    expect(toOptOut(signal({ confidence: 'ambiguous' }), arrival)?.hold).toBe('ambiguous');
    expect(toOptOut(signal(), arrival)).not.toHaveProperty('hold');
  });

  it('keeps that the time of the event is assumed', () => {
    expect(toOptOut(signal({ isTimeAssumed: true }), arrival)?.isTimeAssumed).toBe(true);
    expect(toOptOut(signal(), arrival)).not.toHaveProperty('isTimeAssumed');
  });

  it('has the brand of the arrival, or else of the policy', () => {
    const policy = { ...defaultPolicy, brand: 'acme-pets' };

    expect(toOptOut(signal(), { ...arrival, policy })?.brand).toBe('acme-pets');
    expect(toOptOut(signal(), { ...arrival, policy, brand: 'acme-toys' })?.brand).toBe('acme-toys');
  });
});

describe('toOptOuts', () => {
  it('builds each command once, and counts the ignored signals', () => {
    const signals = [
      signal(),
      signal(),
      signal({ kind: 'ignored' }),
      signal({ eventKey: 'e2' }),
      signal({ kind: 'test' }),
    ];

    const { optOuts, ignored } = toOptOuts(signals, arrival);

    expect(optOuts.map(({ id }) => id)).toEqual([
      optOutId('acme', signal()),
      optOutId('acme', signal({ eventKey: 'e2' })),
    ]);
    expect(ignored).toBe(2);
  });

  it.each([
    ['exact', 'ambiguous'],
    ['ambiguous', 'exact'],
  ] as const)('does not hold a command that is also exact: %s, then %s', (one, other) => {
    const { optOuts } = toOptOuts([signal({ confidence: one }), signal({ confidence: other })], arrival);

    expect(optOuts).toEqual([toOptOut(signal(), arrival)]);
  });

  it('builds a command of its own for every signal without a key', () => {
    const acts = [signal(), signal()].map((act) => ({ ...act, eventKey: undefined }));
    const keys = ['k1', 'k2'];

    const { optOuts } = toOptOuts(acts, arrival, () => keys.shift() ?? '');
    const random = toOptOuts(acts, arrival).optOuts;

    expect(optOuts.map(({ id }) => id)).toEqual(['k1', 'k2'].map((eventKey) => optOutId('acme', signal({ eventKey }))));
    expect(new Set([...optOuts, ...random].map(({ id }) => id)).size).toBe(4);
  });

  it('builds nothing without signals', () => {
    expect(toOptOuts([], { ...arrival, receivedAt: AT })).toEqual({ optOuts: [], ignored: 0 });
  });
});
