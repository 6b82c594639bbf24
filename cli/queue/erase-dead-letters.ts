import type { Entry } from '../../functions/core/ledger/ledger.ts';
import type { DeadLetter } from './dead-letters.ts';
import type { PlannedMessage, RedrivePorts } from './redrive-plan.ts';
import { executePlan, planMessages } from './redrive-plan.ts';

/** The erased recipient: an address, its hashes, and the HubSpot contacts whose entries had this address. */
export interface ErasedRecipient {
  readonly addresses: readonly string[];
  readonly contactIds: readonly string[];
}

/**
 * Removes the dead letters of an erased recipient and resolves to them. One whose opt-out is not completed is sent to the
 * queue first; its entry is then completed without the address.
 */
export async function eraseDeadLetters(
  recipient: ErasedRecipient,
  ports: RedrivePorts,
): Promise<readonly PlannedMessage[]> {
  try {
    const messages = (await planMessages(ports)).filter((each) => isAbout(each, recipient));
    await executePlan({ messages, rejected: [] }, ports);
    return messages;
  } finally {
    await ports.deadLetters.returnAll();
  }
}

function isAbout({ message, entry }: PlannedMessage, { addresses, contactIds }: ErasedRecipient): boolean {
  const { email, contactId } = recipientOf(message);
  const includes = (values: readonly string[], value: string | undefined) =>
    value !== undefined && values.includes(value);
  return includes(addresses, email) || includes(addresses, entry?.email) || includes(contactIds, contactId);
}

/** A command to erase a contact is not an opt-out, so it has no recipient here. */
function recipientOf({ command }: DeadLetter): Pick<Entry, 'email' | 'contactId'> {
  return command === undefined || 'erase' in command ? {} : command;
}
