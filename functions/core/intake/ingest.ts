import type { OptOut } from '../model/opt-out.ts';
import { optOutId } from '../model/opt-out.ts';
import type { Signal } from '../model/signal.ts';
import type { Policy } from './policy.ts';
import { scopeFor } from './policy.ts';

/** Where and when a signal came in, and the rules that apply there. */
export interface Arrival {
  readonly source: string;
  readonly receivedAt: Date;
  readonly policy: Policy;
}

/** Turns a signal into the command it asks for; undefined when it asks for nothing. */
export function toOptOut(signal: Signal, { source, receivedAt, policy }: Arrival): OptOut | undefined {
  const scope = scopeFor(policy, signal);
  if (policy.kinds[signal.kind] === 'nothing' || scope === undefined) return undefined;
  return {
    version: 1,
    id: optOutId(source, signal),
    ...(signal.email === undefined ? { contactId: signal.contactId } : { email: signal.email }),
    source,
    kind: signal.kind,
    scope,
    ...(policy.brand === undefined ? {} : { brand: policy.brand }),
    ...(signal.confidence === 'ambiguous' ? { hold: signal.confidence } : {}),
    occurredAt: signal.occurredAt.toISOString(),
    receivedAt: receivedAt.toISOString(),
  };
}

/** Accepts many: the commands, each id once, and how many signals asked for nothing. */
export function toOptOuts(signals: readonly Signal[], arrival: Arrival): { optOuts: OptOut[]; nothingAsked: number } {
  const accepted = signals.map((signal) => toOptOut(signal, arrival)).filter((optOut) => optOut !== undefined);
  const exactLast = [...accepted, ...accepted.filter(({ hold }) => !hold)];
  const optOuts = [...new Map(exactLast.map((optOut) => [optOut.id, optOut])).values()];
  return { optOuts, nothingAsked: signals.length - accepted.length };
}
