import type { Entry } from '../ledger/ledger.ts';
import { commandOf, emailOf } from '../ledger/ledger.ts';
import type { OperatorLedger } from '../ledger/operator-ledger.ts';
import type { Ending, SignReceipt } from '../ledger/receipt.ts';
import type { State } from '../model/state.ts';
import type { Visitor } from './scan.ts';

export interface SigningPorts {
  readonly operatorLedger: Pick<OperatorLedger, 'sign'>;
  readonly sign: SignReceipt;
}

/** Creates the visitor that signs closed entries that were left unsigned because the key was missing. */
export function signMissing({ operatorLedger, sign }: SigningPorts): Visitor {
  let hasKey = true;
  return {
    async visit(entry) {
      const optOut = commandOf(entry);
      const ending = endingOf(entry);
      if (!hasKey || !optOut || !ending || entry.signedReceipt !== undefined) return 'next';
      const signedReceipt = await sign(optOut, ending);
      // `sign` reports a missing key, and once per run is enough.
      hasKey = signedReceipt !== undefined;
      if (signedReceipt !== undefined) await operatorLedger.sign(entry.id, signedReceipt);
      return 'next';
    },
  };
}

/** Returns how the entry was closed, or undefined if it is open. */
export function endingOf(entry: Entry): Ending | undefined {
  const { state, closedAt } = entry;
  if (state === 'open' || closedAt === undefined) return undefined;
  return { outcome: OUTCOMES[state](entry), email: emailOf(entry), closedAt: new Date(closedAt) };
}

const OUTCOMES: Readonly<Record<Exclude<State, 'open'>, (entry: Entry) => Ending['outcome']>> = {
  confirmed: ({ evidence, changed = false, businessUnits, kept, unchecked, ...entry }) => ({
    kind: 'confirmed',
    evidence: evidence === 'response' ? evidence : 'read-back',
    changed,
    ...(businessUnits ? { businessUnits } : {}),
    ...(kept ? { kept } : {}),
    ...(unchecked ? { unchecked } : {}),
    ...correlationOf(entry),
  }),
  rejected: ({ lastStatus: status = 0, lastCategory: category, ...entry }) => ({
    kind: 'rejected',
    status,
    ...(category === undefined ? {} : { category }),
    ...correlationOf(entry),
  }),
  held: ({ reason = 'ambiguous' }) => ({ kind: 'held', reason }),
  observed: ({ changed = false, businessUnits, kept, ...entry }) => ({
    kind: 'observed',
    changed,
    ...(businessUnits ? { businessUnits } : {}),
    ...(kept ? { kept } : {}),
    ...correlationOf(entry),
  }),
  superseded: ({ kept }) => ({ kind: 'superseded', ...(kept ? { kept } : {}) }),
};

function correlationOf({ correlationId }: Pick<Entry, 'correlationId'>) {
  return correlationId === undefined ? {} : { correlationId };
}
