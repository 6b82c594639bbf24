import type { DeliverPorts } from '../../../functions/core/delivery/deliver.ts';
import type { ContactResponse, Subject } from '../../../functions/core/delivery/hubspot.ts';
import type { Completion, Entry, Ledger } from '../../../functions/core/ledger/ledger.ts';
import { commandOf } from '../../../functions/core/ledger/ledger.ts';
import { AT } from '../examples.ts';

const LEASE_MS = 30_000;

interface Item extends Entry {
  readonly leasedUntilMs: number;
  readonly isReleased?: boolean;
}

/** A ledger that keeps its promises: opened under a lease, closed once. */
export function memoryLedger(): Ledger & { readonly settled: Completion[] } {
  const items = new Map<string, Item>();
  const settled: Completion[] = [];
  return {
    settled,
    async claim(optOut, now) {
      const { id } = optOut;
      const known = items.get(id);
      if (known && known.state !== 'open') return { kind: 'closed' };
      const first = { attempts: 0, claimedAt: now.toISOString(), isReleased: false, leasedUntilMs: 0 };
      const { attempts: before, claimedAt, isReleased, leasedUntilMs: until } = { ...first, ...known };
      const leftMs = until - now.getTime();
      if (leftMs > 0) return { kind: 'leased', retryAfterSeconds: Math.ceil(leftMs / 1000) };
      const attempts = before + 1;
      const stored = (known && commandOf(known)) ?? optOut;
      const { version: _version, ...command } = stored;
      const leasedUntilMs = now.getTime() + LEASE_MS;
      items.set(id, { ...command, state: 'open', claimedAt, attempts, isReleased, leasedUntilMs });
      return { kind: 'claimed', attempt: attempts, claimedAt: new Date(claimedAt), stored, isReleased };
    },
    async complete({ id }, ended, now) {
      const { attempt, outcome } = ended;
      settled.push(ended);
      const item = items.get(id);
      if (item?.state !== 'open' || item.attempts !== attempt) return;
      const end =
        outcome.kind === 'deferred' ? { isReleased: true } : { state: outcome.kind, closedAt: now.toISOString() };
      items.set(id, { ...item, ...end, leasedUntilMs: 0 });
    },
    find: async (id) => items.get(id),
    // It keeps no address.
    erase: async () => 0,
  };
}

type Answers = readonly (ContactResponse | (() => ContactResponse))[];

/** A HubSpot that gives these answers in turn, and remembers what it was asked. */
export function scripted(answers: Answers) {
  const left = [...answers];
  const calls: string[] = [];
  const subjects: Subject[] = [];
  const take = async (call: string, subject?: Subject): Promise<ContactResponse> => {
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
    isOverSurgeLimit: async () => false,
    sign: async () => undefined,
    clock: () => time.now,
    random: () => 0,
    ...change,
  };
  return { through, ledger, calls, subjects, time };
}
