import type { Kind, Scope, Signal } from '../model/signal.ts';
import { rowOf } from '../payload/fields.ts';

/** What the relay does for a kind of signal. */
export type Action = 'unsubscribe-all' | 'nothing';

/** How the signals of one source are handled. */
export interface Policy {
  readonly kinds: Readonly<Record<Kind, Action>>;
  /**
   * How an opt-out from one list of the sender is handled: as an opt-out from all email, not at all, or as an opt-out from
   * the HubSpot subscription type that the list maps to. A list that is not in the map counts as all email.
   */
  readonly lists: 'all' | 'ignore' | Readonly<Record<string, string>>;
  readonly brand?: string;
}

/** Only a person's request or a mailbox that does not exist leads to an unsubscribe. Nothing leads to an opt-in. */
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

/**
 * Returns the scope to unsubscribe in HubSpot, or undefined if the policy ignores the signal's list. Complaints and bounces
 * always have the scope `all`. A list that is off in a snapshot is never more than that list.
 */
export function scopeFor(
  { lists }: Policy,
  { kind, scope, isSnapshot }: Pick<Signal, 'kind' | 'scope' | 'isSnapshot'>,
): Scope | undefined {
  if (scope === 'all' || kind !== 'opt_out') return 'all';
  const list = typeof lists === 'string' ? undefined : rowOf(lists, scope.list);
  if (list !== undefined) return { list };
  return lists === 'ignore' || isSnapshot ? undefined : 'all';
}
