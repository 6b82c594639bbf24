import type { Kind, Scope, Signal } from '../model/signal.ts';
import { rowOf } from '../payload/fields.ts';

/** What a kind of signal leads to. */
export type Action = 'unsubscribe-all' | 'nothing';

/** How the signals of one source are taken. */
export interface Policy {
  readonly kinds: Readonly<Record<Kind, Action>>;
  /**
   * An opt-out from one list of the sender: counts as all, counts for nothing, or becomes an opt-out from the HubSpot
   * subscription its list is mapped to; a list that is not in the map counts as all.
   */
  readonly lists: 'all' | 'ignore' | Readonly<Record<string, string>>;
  readonly brand?: string;
}

/** Only a person's word and a mailbox that is gone lead to anything; nothing ever opts anybody in. */
export const defaultKinds: Policy['kinds'] = {
  opt_out: 'unsubscribe-all',
  complaint: 'unsubscribe-all',
  hard_bounce: 'unsubscribe-all',
  soft_bounce: 'nothing',
  suppressed: 'nothing',
  resubscribe: 'nothing',
  test: 'nothing',
  ignored: 'nothing',
};

export const defaultPolicy: Policy = { kinds: defaultKinds, lists: 'all' };

/** The scope to tell HubSpot, or undefined for an opt-out from a list that asks for nothing. A complaint or a bounce is of all. */
export function scopeFor(policy: Policy, { kind, scope }: Pick<Signal, 'kind' | 'scope'>): Scope | undefined {
  if (scope === 'all' || kind !== 'opt_out' || policy.lists === 'all') return 'all';
  if (policy.lists === 'ignore') return undefined;
  const list = rowOf(policy.lists, scope.list);
  return list === undefined ? 'all' : { list };
}
