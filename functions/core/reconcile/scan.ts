import type { Entry } from '../ledger/ledger.ts';
import type { EntryId, Page } from '../ledger/operator-ledger.ts';
import type { DriftPorts } from './drift.ts';
import { detectDrift } from './drift.ts';
import type { SigningPorts } from './missing-receipts.ts';
import { signMissing } from './missing-receipts.ts';
import type { Run } from './sweep.ts';

export type ScanPorts = DriftPorts & SigningPorts;

/** How far the walk has come, as it is remembered between runs. */
interface ScanProgress {
  /** ISO 8601 UTC. */
  readonly beganAt: string;
  /** The last entry that is done; none at the beginning. */
  readonly cursor?: EntryId;
  /** How many runs in a row have come no further. */
  readonly stuck?: number;
  readonly isDone: boolean;
}

const NAME = 'scan';
const EVERY_MS = 24 * 3_600_000;
/** As many as HubSpot may be asked about at once. */
const PAGE = 100;
const MOST_PAGES = 100;
/** So many runs may end at one and the same entry; HubSpot may never answer about that one, and others come after it. */
const MOST_STUCK = 3;

/**
 * Walks through the whole ledger, at most once a day and a part of it in each run: gives the receipts that are lacking, and
 * looks for drift. How far it came is remembered after every page, so that a run that dies costs no more than that.
 */
export async function scan(run: Run, through: ScanPorts): Promise<void> {
  const { operatorLedger, report } = through;
  let at = progressAt(run.now, await operatorLedger.loadCursor(NAME));
  if (at.isDone) return;
  const steps = [signMissing(through), detectDrift(run, through)];
  let entries = 0;
  for (let pages = 0; pages < MOST_PAGES && !at.isDone && run.hasTime(); pages += 1) {
    const page = await operatorLedger.page(at.cursor, PAGE);
    const done = await visit(page.entries, steps, run);
    const isStuck = entries + done === 0 && page.entries.length > 0 && run.hasTime();
    entries += done;
    at = isStuck ? stuckAt(at, page) : after(at, page, done);
    await operatorLedger.saveCursor(NAME, at);
    if (done < page.entries.length) break;
  }
  report({ event: 'ledger.scanned', entries, isDone: at.isDone });
}

/** A walk that is under way, or done and not due again; a new one otherwise. */
function progressAt(now: Date, known: unknown): ScanProgress {
  if (isScanProgress(known) && !(known.isDone && now.getTime() - Date.parse(known.beganAt) >= EVERY_MS)) return known;
  return { beganAt: now.toISOString(), isDone: false };
}

function isScanProgress(known: unknown): known is ScanProgress {
  return typeof known === 'object' && known !== null && 'beganAt' in known && 'isDone' in known;
}

/** Within a page it goes on behind the last entry that was done. */
function after({ beganAt, cursor: before }: ScanProgress, { entries, cursor: next }: Page, done: number): ScanProgress {
  const isWhole = done === entries.length;
  const cursor = isWhole ? next : (entries[done - 1]?.id ?? before);
  return { beganAt, ...(cursor === undefined ? {} : { cursor }), isDone: isWhole && cursor === undefined };
}

/** Where it was, or, having been there too often, one entry further. */
function stuckAt(at: ScanProgress, page: Page): ScanProgress {
  const stuck = (at.stuck ?? 0) + 1;
  return stuck < MOST_STUCK ? { ...at, stuck } : after(at, page, 1);
}

/** What is done with the entries of a page: gives what does it with one of them, in their order; false ends the run there. */
export type Step = (page: readonly Entry[]) => Promise<(entry: Entry) => Promise<boolean>>;

/** How many of them are done. */
async function visit(page: readonly Entry[], steps: readonly Step[], { hasTime }: Run): Promise<number> {
  const doers = await Promise.all(steps.map((step) => step(page)));
  for (const [index, entry] of page.entries()) {
    for (const does of doers) if (!(hasTime() && (await does(entry)))) return index;
  }
  return page.length;
}
