import type { Entry } from '../../functions/core/ledger/ledger.ts';
import type { DeadLetter } from './dead-letters.ts';
import type { PlannedMessage, Through } from './redrive-plan.ts';
import { carryOut, judgeAll } from './redrive-plan.ts';

/** Who is to be forgotten: an address with its hashes, and the contacts that the ledger knew it by. */
export interface ErasedRecipient {
  readonly addresses: readonly string[];
  readonly contactIds: readonly string[];
}

/**
 * Takes the dead letters of somebody who is forgotten in the ledger away, and gives them. Whose opt-out was never carried out
 * is sent to the queue again first: its entry is closed without the address. All others are given back.
 */
export async function eraseMessages(whom: ErasedRecipient, through: Through): Promise<readonly PlannedMessage[]> {
  try {
    const judged = (await judgeAll(through)).filter((each) => isAbout(each, whom));
    await carryOut({ judged, refused: [] }, through);
    return judged;
  } finally {
    await through.letters.giveBack();
  }
}

function isAbout({ letter, entry }: PlannedMessage, { addresses, contactIds }: ErasedRecipient): boolean {
  const { email, contactId } = recipientOf(letter);
  const isKnown = (names: readonly string[], name: string | undefined) => name !== undefined && names.includes(name);
  return isKnown(addresses, email) || isKnown(addresses, entry?.email) || isKnown(contactIds, contactId);
}

/** A command to forget a contact is nobody's opt-out. */
function recipientOf({ command }: DeadLetter): Pick<Entry, 'email' | 'contactId'> {
  return command === undefined || 'erase' in command ? {} : command;
}
