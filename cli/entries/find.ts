import type { Entry } from '../../functions/core/ledger/ledger.ts';
import { parseEmailAddress } from '../../functions/core/model/email-address.ts';
import { RelayError } from '../../functions/core/model/errors.ts';
import type { Streams } from '../command.ts';
import type { Context } from '../context.ts';

const ID = /^[\w-]{43}$/;

/**
 * The entries of an address, or the one with an id, oldest first. Reports on standard error if there are none, and if entries of
 * an erased address cannot be searched.
 *
 * @throws Unreadable if the argument is neither
 */
export async function findEntries(
  argument: string,
  context: Context,
  stderr: Streams['stderr'],
): Promise<readonly Entry[]> {
  const found = ID.test(argument)
    ? [await context.ledger.find(argument)].filter((entry) => entry !== undefined)
    : await entriesOf(argument, context, stderr);
  if (found.length === 0) stderr.write('No opt-out found: none was received, or its entries have been deleted.\n');
  return found.toSorted((one, two) => one.receivedAt.localeCompare(two.receivedAt));
}

async function entriesOf(
  address: string,
  { operatorLedger, receipts }: Context,
  stderr: Streams['stderr'],
): Promise<readonly Entry[]> {
  const email = parseEmailAddress(address);
  await receipts.hashes(email).catch((error: unknown) => {
    if (!(error instanceof RelayError)) throw error;
    stderr.write(`Erased entries cannot be searched: ${error.message}\n`);
  });
  return operatorLedger.about(email);
}
