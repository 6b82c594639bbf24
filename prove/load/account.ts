import process from 'node:process';
import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { defaultSurgeLimit, surgeCounters } from '../../functions/core/delivery/surge-limit.ts';
import type { Entry } from '../../functions/core/ledger/ledger.ts';
import type { OptOut } from '../../functions/core/model/opt-out.ts';
import { createStore } from '../../local/hubspot/store.ts';
import type { Trial } from '../harness/proof.ts';

export interface Account {
  /** How long each took from its arrival to its confirmation, in ms; the shortest first. */
  readonly waits: readonly number[];
  /** How many ended how. */
  readonly states: Readonly<Record<string, number>>;
}

interface Looking {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly trial: Trial;
  readonly dir: string;
}

/** Looks for every opt-out in the ledger, by its id, and in HubSpot, by its address; nothing else may be there. */
export async function accountFor(
  expected: ReadonlyMap<string, OptOut>,
  { trial, dir }: Pick<Looking, 'trial' | 'dir'>,
): Promise<Account> {
  const entries = await ledgerEntries();
  checkLedger(expected, { entries, trial, dir });
  checkHubSpot(expected, { entries, trial, dir });
  const confirmed = [...entries.values()].filter(({ state }) => state === 'confirmed');
  const waits = confirmed.map(({ receivedAt, closedAt = '' }) => Date.parse(closedAt) - Date.parse(receivedAt));
  const states = countBy([...entries.values()].map(({ state }) => state));
  return { waits: waits.toSorted((one, two) => one - two), states };
}

/** What was asked for is confirmed; held is what is ambiguous, and what is inferred once the brake is full. */
function checkLedger(expected: ReadonlyMap<string, OptOut>, { entries, trial }: Looking): void {
  const isConfirmed = (id: string) => entries.get(id)?.state === 'confirmed';
  const perSource = countBy([...expected.values()].filter(({ id }) => isConfirmed(id)).map(({ source }) => source));
  for (const [id, optOut] of expected) {
    const { source, kind, hold } = optOut;
    const isFull = (perSource[source] ?? 0) >= Number(defaultSurgeLimit.perSourceAndHour);
    const isInferred = surgeCounters(optOut, new Date(), defaultSurgeLimit).length > 0;
    const mayBeHeld = hold !== undefined || (isInferred && isFull);
    const state = entries.get(id)?.state;
    const isRight = (state === 'confirmed' && hold === undefined) || (state === 'held' && mayBeHeld);
    trial.holds(isRight, () => `${source} ${kind} ${id} is ${state ?? 'lost'}`);
  }
  for (const id of entries.keys()) if (!expected.has(id)) trial.violated(`nobody has sent ${id}`);
}

/** An address that is named in one opt-out is written once, however often that was sent and tried. */
function checkHubSpot(expected: ReadonlyMap<string, OptOut>, { entries, trial, dir }: Looking): void {
  const confirmed = [...expected.values()].filter(({ id }) => entries.get(id)?.state === 'confirmed');
  const named = new Map(Object.entries(countBy(confirmed.map(({ email = '' }) => email))));
  const store = createStore(dir);
  for (const { email, optOutWrites } of store.all()) {
    const most = named.get(email) ?? 0;
    const isRight = optOutWrites >= Math.min(1, most) && optOutWrites <= most;
    trial.holds(isRight, () => `${optOutWrites} writes for ${most} opt-outs of an address`);
    named.delete(email);
  }
  for (const email of named.keys()) trial.violated(`HubSpot was never told of ${email}`);
  store.close();
}

async function ledgerEntries(): Promise<ReadonlyMap<string, Entry>> {
  const client = new DynamoDBClient();
  const entries = new Map<string, Entry>();
  for await (const { Items = [] } of paginateScan({ client }, { TableName: process.env.LEDGER_TABLE })) {
    for (const item of Items) {
      const entry = unmarshall(item) as Entry;
      // The counters of the brake stand there, too.
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
