import type { Entry } from '../../functions/core/ledger/ledger.ts';
import type { State } from '../../functions/core/model/state.ts';
import { formatDuration, formatTime, idArgument } from '../terminal/format.ts';

/** An entry in plain words. */
export interface Explanation {
  readonly meaning: string;
  /** What the operator should do. */
  readonly next: string;
}

const NOTHING = 'nothing';

/** Explains the state of an opt-out and what to do about it. */
export function explain(entry: Entry, now: Date): Explanation {
  const { erasedAt, state } = entry;
  const { meaning, next } = EXPLANATIONS[state](entry, now);
  if (erasedAt === undefined) return { meaning, next };
  return {
    meaning: `${meaning} The address was erased on ${formatTime(erasedAt)}; only its hash is left.`,
    next: NOTHING,
  };
}

const EXPLANATIONS: Readonly<Record<State, (entry: Entry, now: Date) => Explanation>> = {
  open: explainOpen,
  confirmed: explainConfirmed,
  rejected: explainRejected,
  held: explainHeld,
  observed: ({ changed, businessUnits, kept }) => ({
    meaning:
      (changed
        ? 'Observe mode: HubSpot had not recorded this opt-out, and nothing was written.'
        : 'Observe mode: HubSpot had recorded this opt-out already, and nothing was written.') +
      `${businessUnits === undefined ? '' : ` Checked: business unit ${businessUnits.join(', ')}.`}${keptText(kept)}`,
    next: 'set the mode to live, then relay apply',
  }),
  superseded: ({ kept }) => ({
    meaning: `The person opted in again at HubSpot after this opt-out. The newer choice wins, so nothing was changed.${keptText(kept)}`,
    next: NOTHING,
  }),
};

const HOLD_REASONS: ReadonlyMap<string | undefined, string> = new Map([
  ['surge-limit', 'An operator must review it: its source reported more opt-outs than usual within an hour.'],
  ['ambiguous', 'An operator must review it: the sender named several recipients but meant one of them.'],
  [
    'contact-changed',
    'An operator must review it: the HubSpot contact was merged, or no longer has the opt-out or bounce.',
  ],
]);

/** The queue may deliver this late. */
const TOLERANCE_MS = 900_000;
const LOST = `${NOTHING}: the sweep requeues lost messages within an hour; relay status shows overdue opt-outs`;

/** What an operator can do about a status of HubSpot that no retry will change. */
const FIXES: ReadonlyMap<number | undefined, string> = new Map([
  [401, 'HubSpot rejects the token of the relay: run relay doctor, and put a valid one into the hubspot secret'],
  [403, 'the token of the relay may not do this: run relay doctor, which names the missing scopes'],
]);

function explainOpen({ attempts, dueAt, lastStatus, lastCategory, receivedAt }: Entry, now: Date): Explanation {
  const age = formatDuration(now.getTime() - Date.parse(receivedAt));
  const response =
    lastStatus === undefined ? '' : ` HubSpot's last response: ${responseText(lastStatus, lastCategory)}.`;
  const meaning = `In progress for ${age}. Attempts so far: ${attempts}.${response}`;
  const leftMs = (dueAt ?? now.getTime()) - now.getTime();
  if (leftMs < -TOLERANCE_MS) return { meaning: `${meaning} The next attempt is overdue.`, next: LOST };
  const due = `the next attempt is due ${leftMs > 0 ? `in ${formatDuration(leftMs)}` : 'now'}`;
  const fix = FIXES.get(lastStatus);
  return { meaning, next: fix === undefined ? `${NOTHING}: ${due}` : `${fix}; ${due}` };
}

function explainConfirmed({ evidence, changed, businessUnits, kept, unchecked, optedInAt }: Entry): Explanation {
  const proof = evidence === 'response' ? "HubSpot's response" : "HubSpot's record, read after the call,";
  const before = changed ? '' : ' It was already opted out before.';
  const since =
    optedInAt === undefined ? '' : ` The person has opted in again since; seen on ${formatTime(optedInAt)}.`;
  const where = businessUnits === undefined ? '' : ` of business unit ${businessUnits.join(', ')}`;
  const blind = unchecked ? ' HubSpot could not be checked for a newer opt-in for a day, so it was made without.' : '';
  const meaning = `${proof} confirms that the address is opted out${where}.${before}${keptText(kept)}${blind}${since}`;
  return { meaning, next: NOTHING };
}

function keptText(kept: Entry['kept']): string {
  return kept === undefined ? '' : ` Kept, because the person opted in since: subscription ${kept.join(', ')}.`;
}

function explainHeld({ id, reason, discardedAt }: Entry): Explanation {
  const meaning = `${HOLD_REASONS.get(reason) ?? 'An operator must review it.'} It has not been sent to HubSpot.`;
  if (discardedAt !== undefined)
    return { meaning: `${meaning} It was discarded on ${formatTime(discardedAt)}.`, next: NOTHING };
  const argument = idArgument(id);
  return { meaning, next: `relay release ${argument} if the person did opt out; relay discard ${argument} if not` };
}

function explainRejected({ lastStatus, lastCategory, id, resolvedAt, note }: Entry): Explanation {
  if (resolvedAt !== undefined) {
    const response = `HubSpot responded ${responseText(lastStatus, lastCategory)}.`;
    return { meaning: `${response} It was dealt with by hand on ${formatTime(resolvedAt)}: ${note}`, next: NOTHING };
  }
  if (lastCategory === 'NO_ADDRESS') {
    return { meaning: 'The HubSpot contact has no valid email address.', next: NOTHING };
  }
  return {
    meaning: `HubSpot responded ${responseText(lastStatus, lastCategory)}. A retry would get the same response.`,
    next: `opt the person out by hand in HubSpot, then relay resolve ${idArgument(id)}; or fix the cause, then relay redrive ${idArgument(id)}`,
  };
}

function responseText(status: number | undefined, category: string | undefined): string {
  return category === undefined ? `${status}` : `${status} ${category}`;
}
