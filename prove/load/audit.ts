import process from 'node:process';
import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { defaultSurgeLimit, surgeCounters } from '../../functions/core/delivery/surge-limit.ts';
import type { Entry } from '../../functions/core/ledger/ledger.ts';
import type { OptOut } from '../../functions/core/model/opt-out.ts';
import { createStore } from '../../local/hubspot/store.ts';
import type { Proof } from '../harness/proof.ts';

export interface Audit {
  /** The times from arrival to confirmation, in ms, in ascending order. */
  readonly waits: readonly number[];
  /** The number of opt-outs in each state. */
  readonly states: Readonly<Record<string, number>>;
}

interface AuditOptions {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly proof: Proof;
  readonly dir: string;
}

/** Checks every opt-out in the ledger by id and in HubSpot by address. Neither may contain anything else. */
export async function auditOptOuts(
  expected: ReadonlyMap<string, OptOut>,
  { proof, dir }: Pick<AuditOptions, 'proof' | 'dir'>,
): Promise<Audit> {
  const entries = await ledgerEntries();
  checkLedger(expected, { entries, proof, dir });
  checkHubSpot(expected, { entries, proof, dir });
  const confirmed = [...entries.values()].filter(({ state }) => state === 'confirmed');
  const waits = confirmed.map(({ receivedAt, closedAt = '' }) => Date.parse(closedAt) - Date.parse(receivedAt));
  const states = countBy([...entries.values()].map(({ state }) => state));
  return { waits: waits.toSorted((a, b) => a - b), states };
}

/** Every opt-out must be confirmed, or held if it is ambiguous or exceeds the surge limit. */
function checkLedger(expected: ReadonlyMap<string, OptOut>, { entries, proof }: AuditOptions): void {
  const isConfirmed = (id: string) => entries.get(id)?.state === 'confirmed';
  const perSource = countBy([...expected.values()].filter(({ id }) => isConfirmed(id)).map(({ source }) => source));
  for (const [id, optOut] of expected) {
    const { source, kind, hold } = optOut;
    const isLimitReached = (perSource[source] ?? 0) >= Number(defaultSurgeLimit.perSourceAndHour);
    const isCounted = surgeCounters(optOut, new Date(), defaultSurgeLimit).length > 0;
    const mayBeHeld = hold !== undefined || (isCounted && isLimitReached);
    const state = entries.get(id)?.state;
    const isCorrect = (state === 'confirmed' && hold === undefined) || (state === 'held' && mayBeHeld);
    proof.check(isCorrect, () => `${source} ${kind} ${id} is ${state ?? 'lost'}`);
  }
  for (const id of entries.keys()) if (!expected.has(id)) proof.violation(`${id} is in the ledger but was never sent`);
}

/** An address with one opt-out is written exactly once, however often the opt-out was sent and attempted. */
function checkHubSpot(expected: ReadonlyMap<string, OptOut>, { entries, proof, dir }: AuditOptions): void {
  const confirmed = [...expected.values()].filter(({ id }) => entries.get(id)?.state === 'confirmed');
  const optOutsOf = new Map(Object.entries(countBy(confirmed.map(({ email = '' }) => email))));
  const store = createStore(dir);
  for (const { email, optOutWrites } of store.all()) {
    const optOuts = optOutsOf.get(email) ?? 0;
    const isCorrect = optOutWrites >= Math.min(1, optOuts) && optOutWrites <= optOuts;
    proof.check(isCorrect, () => `${optOutWrites} writes for ${optOuts} opt-outs of an address`);
    optOutsOf.delete(email);
  }
  for (const email of optOutsOf.keys()) proof.violation(`${email} was never opted out in HubSpot`);
  store.close();
}

async function ledgerEntries(): Promise<ReadonlyMap<string, Entry>> {
  const client = new DynamoDBClient();
  const entries = new Map<string, Entry>();
  for await (const { Items = [] } of paginateScan({ client }, { TableName: process.env.LEDGER_TABLE })) {
    for (const item of Items) {
      const entry = unmarshall(item) as Entry;
      // The table also contains the counters of the surge limit.
      if (entry.state) entries.set(entry.id, entry);
    }
  }
  client.destroy();
  return entries;
}

function countBy(names: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
