import type { Entry } from '../ledger/ledger.ts';
import { commandOf } from '../ledger/ledger.ts';
import type { OperatorLedger } from '../ledger/operator-ledger.ts';
import type { Ending, SignReceipt } from '../ledger/receipt.ts';
import type { EmailAddress } from '../model/email-address.ts';
import type { State } from '../model/state.ts';
import type { Step } from './scan.ts';

export interface SigningPorts {
  readonly operatorLedger: Pick<OperatorLedger, 'sign'>;
  readonly sign: SignReceipt;
}

/** Gives closed entries the receipt that they lack, since there was no key when they were closed. */
export function signMissing({ operatorLedger, sign }: SigningPorts): Step {
  let hasKey = true;
  return async () => async (entry) => {
    const optOut = commandOf(entry);
    const ending = endingOf(entry);
    if (!hasKey || !optOut || !ending || entry.signedReceipt !== undefined) return true;
    const signed = await sign(optOut, ending);
    // Said once in a run is enough.
    hasKey = signed !== undefined;
    if (signed !== undefined) await operatorLedger.sign(entry.id, signed);
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
  confirmed: ({ evidence, changed = false, ...entry }) => ({
    kind: 'confirmed',
    evidence: evidence === 'response' ? evidence : 'read-back',
    changed,
    ...correlated(entry),
  }),
  rejected: ({ lastStatus: status = 0, lastCategory: category, ...entry }) => ({
    kind: 'rejected',
    status,
    ...(category === undefined ? {} : { category }),
    ...correlated(entry),
  }),
  held: ({ reason }) => ({ kind: 'held', reason: reason === 'surge-limit' ? reason : 'ambiguous' }),
  superseded: () => ({ kind: 'superseded' }),
};

function correlated({ correlationId }: Pick<Entry, 'correlationId'>) {
  return correlationId === undefined ? {} : { correlationId };
}
