import type { Entry, State } from '../ledger/ledger.ts';
import { commandOf } from '../ledger/ledger.ts';
import type { LedgerDesk } from '../ledger/operator-ledger.ts';
import type { Ending, SignReceipt } from '../ledger/receipt.ts';
import type { EmailAddress } from '../model/email-address.ts';
import type { Step } from './scan.ts';

export interface SigningPorts {
  readonly desk: Pick<LedgerDesk, 'sign'>;
  readonly sign: SignReceipt;
}

/** Gives closed entries the receipt that they lack, since there was no key when they were closed. */
export function signLacking({ desk, sign }: SigningPorts): Step {
  let hasKey = true;
  return async () => async (entry) => {
    const optOut = commandOf(entry);
    const ending = endingOf(entry);
    if (!hasKey || !optOut || !ending || entry.signedReceipt !== undefined) return true;
    const signed = await sign(optOut, ending);
    // Said once in a run is enough.
    hasKey = signed !== undefined;
    if (signed !== undefined) await desk.sign(entry.id, signed);
    return true;
  };
}

/** As it was when it was closed; undefined of what is not closed. */
function endingOf(entry: Entry): Ending | undefined {
  const { state, closedAt } = entry;
  if (state === 'open' || closedAt === undefined) return undefined;
  const email = entry.email as EmailAddress | undefined;
  return { outcome: OUTCOMES[state](entry), email, closedAt: new Date(closedAt) };
}

const OUTCOMES: Readonly<Record<Exclude<State, 'open'>, (entry: Entry) => Ending['outcome']>> = {
  confirmed: ({ proof, changed = false, ...entry }) => ({
    kind: 'confirmed',
    proof: proof === 'response' ? proof : 'read-back',
    changed,
    ...correlated(entry),
  }),
  refused: ({ lastStatus: status = 0, lastCategory: category, ...entry }) => ({
    kind: 'refused',
    status,
    ...(category === undefined ? {} : { category }),
    ...correlated(entry),
  }),
  held: ({ reason }) => ({ kind: 'held', reason: reason === 'brake' ? reason : 'ambiguous' }),
  superseded: () => ({ kind: 'superseded' }),
};

function correlated({ correlationId }: Pick<Entry, 'correlationId'>) {
  return correlationId === undefined ? {} : { correlationId };
}
