import type { DeliverPorts } from '../../functions/core/delivery/deliver.ts';
import { deliver } from '../../functions/core/delivery/deliver.ts';
import { evidenceInStatus } from '../../functions/core/delivery/evidence.ts';
import type { HubSpotResponse, Subject } from '../../functions/core/delivery/hubspot.ts';
import { subjectsOf } from '../../functions/core/delivery/subjects.ts';
import { toOptOut } from '../../functions/core/intake/ingest.ts';
import type { Policy } from '../../functions/core/intake/policy.ts';
import type { EmailAddress } from '../../functions/core/model/email-address.ts';
import type { OptOut } from '../../functions/core/model/opt-out.ts';
import { mapConcurrently } from '../map-concurrently.ts';
import type { OptOutFile, SignalRow } from './rows.ts';
import { readSignals } from './rows.ts';
import { SOURCE } from './send.ts';
import type { StatusReader } from './status-reader.ts';
import { HubSpotUnreadable } from './status-reader.ts';

export interface ReadBackPorts {
  readonly delivery: Pick<
    DeliverPorts,
    'ledger' | 'hubspot' | 'definitions' | 'businessUnitIds' | 'sign' | 'retentionDays' | 'clock'
  >;
  readonly statuses: StatusReader;
  readonly policy: Policy;
  /** Called for each row, with what became of it. */
  readonly onResult: (row: SignalRow, result: ReadBackResult) => void;
}

/**
 * `confirmed`: HubSpot shows the opt-out, and the ledger has it now. `known`: the ledger had it. `missing`: HubSpot does not show
 * it, and nothing was recorded.
 */
export type ReadBackResult = 'confirmed' | 'known' | 'missing';

interface CommandRow extends SignalRow {
  readonly optOut: OptOut & { readonly email: EmailAddress };
}

/** HubSpot documents no maximum for its batch read. This is the maximum of its other batch endpoints. */
const ROWS_PER_READ = 100;
const CONCURRENT_ROWS = 10;

/**
 * Reads every row of a file back from HubSpot, and records those that it shows as opted out. HubSpot is never written to. The
 * ledger is asked first, so a second run reads only what is not recorded yet.
 *
 * @throws HubSpotUnreadable if HubSpot cannot be read
 */
export async function readBackAll(from: OptOutFile, ports: ReadBackPorts): Promise<void> {
  for await (const rows of inChunks(commandsOf(from, ports.policy))) {
    const results = await readBackRows(rows, ports);
    for (const [index, row] of rows.entries()) ports.onResult(row, results[index] ?? 'missing');
  }
}

async function* commandsOf(from: OptOutFile, policy: Policy): AsyncGenerator<CommandRow> {
  for await (const row of readSignals(from, policy)) {
    const optOut = toOptOut(row.signal, { source: SOURCE, receivedAt: new Date(), policy });
    if (optOut?.email !== undefined) yield { ...row, optOut };
  }
}

async function* inChunks(rows: AsyncIterable<CommandRow>): AsyncGenerator<readonly CommandRow[]> {
  let chunk: CommandRow[] = [];
  for await (const row of rows) {
    chunk.push(row);
    if (chunk.length < ROWS_PER_READ) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

async function readBackRows(
  rows: readonly CommandRow[],
  { delivery, statuses }: ReadBackPorts,
): Promise<readonly ReadBackResult[]> {
  const subjects = await forEach(rows, async ({ optOut }) =>
    (await delivery.ledger.find(optOut.id)) ? [] : subjectsOfRow(optOut, delivery),
  );
  const once = new Map(subjects.flat().map((subject) => [keyOf(subject), subject]));
  const responses = await statuses.read([...once.values()]);
  const found = new Map([...once.keys()].map((key, index) => [key, responses[index]]));
  const isOut = (subject: Subject) => {
    const response = found.get(keyOf(subject));
    return response !== undefined && evidenceInStatus(response, subject, new Date()) !== undefined;
  };
  return forEach(rows, async ({ optOut }, index): Promise<ReadBackResult> => {
    const own = subjects[index] ?? [];
    if (own.length === 0) return 'known';
    return own.every(isOut) ? record(optOut, found, delivery) : 'missing';
  });
}

async function subjectsOfRow(
  optOut: CommandRow['optOut'],
  { hubspot, ...ports }: ReadBackPorts['delivery'],
): Promise<readonly Subject[]> {
  const found = await subjectsOf(optOut, { ...ports, hubspot: hubspot(false) });
  if (!found.ok) throw new HubSpotUnreadable(found.response);
  return found.subjects;
}

/** A write that was not made. */
const UNSENT: HubSpotResponse = { status: 0, isUnsent: true };
/** Later than any status at HubSpot, so that no change counts as the relay's own. */
const NEVER = new Date(8.64e15);

/**
 * Makes an ordinary attempt, as if an earlier one had sent a write: it looks for evidence before it writes, and finds it in the
 * responses that were read. Its receipt and its entry are those of any other opt-out.
 */
async function record(
  optOut: OptOut,
  found: ReadonlyMap<string, HubSpotResponse | undefined>,
  delivery: ReadBackPorts['delivery'],
): Promise<'confirmed' | 'known'> {
  const { ledger, hubspot } = delivery;
  const { outcome } = await deliver(optOut, {
    ...delivery,
    ledger: {
      ...ledger,
      async claim(command, now) {
        const claim = await ledger.claim(command, now);
        return claim.kind === 'claimed' ? { ...claim, wasSent: true, claimedAt: NEVER } : claim;
      },
    },
    hubspot: () => ({
      ...hubspot(false),
      unsubscribe: async () => UNSENT,
      readStatus: async (subject) => found.get(keyOf(subject)) ?? UNSENT,
    }),
    staleAfterSeconds: Number.POSITIVE_INFINITY,
    uncheckedAfterHours: Number.POSITIVE_INFINITY,
    allAddresses: false,
    enqueue: async () => undefined,
    isOverSurgeLimit: async () => false,
    random: Math.random,
  });
  return outcome.kind === 'confirmed' ? 'confirmed' : 'known';
}

function keyOf({ email, businessUnitId, subscriptionId }: Subject): string {
  return JSON.stringify([email, businessUnitId, subscriptionId]);
}

function forEach<Item, Result>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Result>,
): Promise<readonly Result[]> {
  return Array.fromAsync(mapConcurrently(items.entries(), CONCURRENT_ROWS, ([index, item]) => work(item, index)));
}
