import type { DeliverPorts } from '../../../functions/core/delivery/deliver.ts';
import type { ContactAnswer, Subject } from '../../../functions/core/delivery/hubspot.ts';
import type { Entry, Ledger, Settled } from '../../../functions/core/ledger/ledger.ts';
import { commandOf } from '../../../functions/core/ledger/ledger.ts';
import { AT } from '../examples.ts';

const LEASE_MS = 30_000;

interface Item extends Entry {
  readonly leasedUntilMs: number;
  readonly isLetThrough?: boolean;
}

/** A ledger that keeps its promises: opened under a lease, closed once. */
export function memoryLedger(): Ledger & { readonly settled: Settled[] } {
  const items = new Map<string, Item>();
  const settled: Settled[] = [];
  return {
    settled,
    async open(optOut, now) {
      const { id } = optOut;
      const known = items.get(id);
      if (known && known.state !== 'open') return { kind: 'closed' };
      const first = { attempts: 0, openedAt: now.toISOString(), isLetThrough: false, leasedUntilMs: 0 };
      const { attempts: before, openedAt, isLetThrough, leasedUntilMs: until } = { ...first, ...known };
      const leftMs = until - now.getTime();
      if (leftMs > 0) return { kind: 'leased', retryAfterSeconds: Math.ceil(leftMs / 1000) };
      const attempts = before + 1;
      const heard = (known && commandOf(known)) ?? optOut;
      const { version: _version, ...command } = heard;
      const leasedUntilMs = now.getTime() + LEASE_MS;
      items.set(id, { ...command, state: 'open', openedAt, attempts, isLetThrough, leasedUntilMs });
      return { kind: 'opened', attempt: attempts, openedAt: new Date(openedAt), heard, isLetThrough };
    },
    async settle({ id }, ended, now) {
      const { attempt, outcome } = ended;
      settled.push(ended);
      const item = items.get(id);
      if (item?.state !== 'open' || item.attempts !== attempt) return;
      const end =
        outcome.kind === 'deferred' ? { isLetThrough: true } : { state: outcome.kind, closedAt: now.toISOString() };
      items.set(id, { ...item, ...end, leasedUntilMs: 0 });
    },
    find: async (id) => items.get(id),
    // It keeps no address.
    forget: async () => 0,
  };
}

type Answers = readonly (ContactAnswer | (() => ContactAnswer))[];

/** A HubSpot that gives these answers in turn, and remembers what it was asked. */
export function scripted(answers: Answers) {
  const left = [...answers];
  const calls: string[] = [];
  const subjects: Subject[] = [];
  const take = async (call: string, subject?: Subject): Promise<ContactAnswer> => {
    calls.push(call);
    if (subject) subjects.push(subject);
    const answer = left.shift();
    if (answer === undefined) throw new Error(`the script has no answer for this ${call}`);
    return typeof answer === 'function' ? answer() : answer;
  };
  const hubspot = {
    unsubscribe: (subject: Subject) => take('write', subject),
    readStatus: (subject: Subject) => take('read', subject),
    readSubscriptions: (subject: Subject) => take('look', subject),
    findContact: (contactId: string) => take(`find ${contactId}`),
  };
  return { hubspot: () => hubspot, calls, subjects };
}

/** Ports around a scripted HubSpot; the clock can be set. */
export function ports(answers: Answers, change: Partial<DeliverPorts> = {}) {
  const { hubspot, calls, subjects } = scripted(answers);
  const ledger = memoryLedger();
  const time = { now: AT };
  const through: DeliverPorts = {
    ledger,
    hubspot,
    businessUnitIds: { pets: '5' },
    staleAfterSeconds: 3_600,
    isBraked: async () => false,
    sign: async () => undefined,
    clock: () => time.now,
    random: () => 0,
    ...change,
  };
  return { through, ledger, calls, subjects, time };
}
