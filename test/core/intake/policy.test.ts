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
] as const)('takes %s for %s by default', (kind, measure) => {
  expect(defaultKinds[kind]).toBe(measure);
  expect(defaultPolicy).toEqual({ kinds: defaultKinds, lists: 'all' });
});

describe('scopeUnder', () => {
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
  ] as const)('makes, with lists %j, of %j: %j', (lists, scope, wanted) => {
    expect(scopeFor({ ...defaultPolicy, lists }, { kind: 'opt_out', scope })).toEqual(wanted);
  });

  it.each(['complaint', 'hard_bounce'] as const)('takes a %s that names a list for one of everything', (kind) => {
    for (const lists of ['ignore', { news: '42' }] as const) {
      expect(scopeFor({ ...defaultPolicy, lists }, { kind, scope: news })).toBe('all');
    }
  });
});
