import type { Entry } from '../../functions/core/ledger/ledger.ts';
import type { State } from '../../functions/core/model/state.ts';
import { argumentOf, spanOf, timeOf } from '../terminal/format.ts';

/** What an entry says, for whoever does not know the relay by heart. */
export interface Meaning {
  readonly means: string;
  /** What is to be done about it; nothing, mostly. */
  readonly next: string;
}

const NOTHING = 'nothing';

/** What has become of an opt-out, and what to do about it. */
export function meaningOf(entry: Entry, now: Date): Meaning {
  const { erasedAt, state } = entry;
  const { means, next } = MEANINGS[state](entry, now);
  if (erasedAt === undefined) return { means, next };
  return {
    means: `${means} The address was forgotten on ${timeOf(erasedAt)}: only its hash is left.`,
    next: NOTHING,
  };
}

const MEANINGS: Readonly<Record<State, (entry: Entry, now: Date) => Meaning>> = {
  open: meaningOfOpen,
  confirmed: meaningOfConfirmed,
  rejected: meaningOfRefused,
  held: meaningOfHeld,
  superseded: () => ({
    means: 'The person had opted in again at HubSpot after that: the newer word counts, and nothing was changed.',
    next: NOTHING,
  }),
};

const HOLDS: Readonly<Record<string, string>> = {
  'surge-limit': 'More than the usual number came from this source within an hour, so a person must look first.',
  ambiguous: 'The sender named several people and meant one of them, so a person must look first.',
};

/** The queue may be late by that much. */
const LATE_MS = 900_000;
const LOST = `${NOTHING}: what the queue has lost, the sweep brings within an hour; relay status shows whether it runs behind`;

function meaningOfOpen({ attempts, dueAt, lastStatus, lastCategory, receivedAt }: Entry, now: Date): Meaning {
  const age = spanOf(now.getTime() - Date.parse(receivedAt));
  const said = lastStatus === undefined ? '' : ` HubSpot answered ${answerOf(lastStatus, lastCategory)} last.`;
  const means = `It has been on its way for ${age}; attempts so far: ${attempts}.${said}`;
  const leftMs = (dueAt ?? now.getTime()) - now.getTime();
  if (leftMs < -LATE_MS) return { means: `${means} It should have been tried again.`, next: LOST };
  return { means, next: `${NOTHING}: it is tried again ${leftMs > 0 ? `in ${spanOf(leftMs)}` : 'at once'}` };
}

function meaningOfConfirmed({ evidence, changed, optedInAt }: Entry): Meaning {
  const how = evidence === 'response' ? 'in its answer' : 'when it was asked again';
  const before = changed ? '' : ', and had been before';
  const since =
    optedInAt === undefined ? '' : ` The person has opted in again since, as was seen on ${timeOf(optedInAt)}.`;
  return { means: `HubSpot itself said ${how} that the address is opted out${before}.${since}`, next: NOTHING };
}

function meaningOfHeld({ id, reason, discardedAt }: Entry): Meaning {
  const means = `${HOLDS[reason ?? ''] ?? 'It is held.'} HubSpot has not been told.`;
  if (discardedAt !== undefined)
    return { means: `${means} It was discarded on ${timeOf(discardedAt)}.`, next: NOTHING };
  const typed = argumentOf(id);
  return { means, next: `relay release ${typed}, if the person did opt out; relay discard ${typed}, if not` };
}

function meaningOfRefused({ lastStatus, lastCategory, id }: Entry): Meaning {
  if (lastCategory === 'NO_ADDRESS') {
    return { means: 'The HubSpot contact has no address that a mail could reach.', next: NOTHING };
  }
  return {
    means: `HubSpot answered ${answerOf(lastStatus, lastCategory)}, and will however often it is told.`,
    next: `opt the person out by hand in HubSpot; or mend the cause and relay redrive ${argumentOf(id)}`,
  };
}

function answerOf(status: number | undefined, category: string | undefined): string {
  return category === undefined ? `${status}` : `${status} ${category}`;
}
