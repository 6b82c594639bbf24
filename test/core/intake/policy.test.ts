import { describe, expect, it } from 'vitest';
import { defaultKinds, defaultPolicy, scopeFor } from '../../../functions/core/intake/policy.ts';

it.each([
  ['opt_out', 'unsubscribe-all'],
  ['complaint', 'unsubscribe-all'],
  ['hard_bounce', 'unsubscribe-all'],
  ['soft_bounce', 'nothing'],
  ['suppressed', 'nothing'],
  ['resubscribe', 'nothing'],
  ['test', 'nothing'],
  ['ignored', 'nothing'],
] as const)('maps %s to %s by default', (kind, action) => {
  expect(defaultKinds[kind]).toBe(action);
  expect(defaultPolicy).toEqual({ kinds: defaultKinds, lists: 'all' });
});

describe('scopeFor', () => {
  const news = { list: 'news' };

  it.each([
    ['all', 'all', 'all'],
    ['all', news, 'all'],
    ['all', { list: '0' }, 'all'],
    ['ignore', 'all', 'all'],
    ['ignore', news, undefined],
    [{ news: '42' }, 'all', 'all'],
    [{ news: '42' }, news, { list: '42' }],
    [{ other: '42' }, news, 'all'],
    [{}, { list: 'constructor' }, 'all'],
  ] as const)('with lists %j maps %j to %j', (lists, scope, wanted) => {
    expect(scopeFor({ ...defaultPolicy, lists }, { kind: 'opt_out', scope })).toEqual(wanted);
  });

  it.each([
    ['all', undefined],
    ['ignore', undefined],
    [{ news: '42' }, { list: '42' }],
    [{ other: '42' }, undefined],
  ] as const)('with lists %j maps a list that is off in a snapshot to %j', (lists, wanted) => {
    expect(scopeFor({ ...defaultPolicy, lists }, { kind: 'opt_out', scope: news, isSnapshot: true })).toEqual(wanted);
  });

  it.each(['complaint', 'hard_bounce'] as const)('applies a %s with a list to all email', (kind) => {
    for (const lists of ['ignore', { news: '42' }] as const) {
      expect(scopeFor({ ...defaultPolicy, lists }, { kind, scope: news })).toBe('all');
    }
  });
});
