import type { Entry } from '../ledger/ledger.ts';
import type { EntryId, OperatorLedger, Page } from '../ledger/operator-ledger.ts';
import type { Report } from '../model/telemetry.ts';
import type { Run } from './run.ts';

/** Does one job on every entry of the ledger. */
export interface Visitor {
  /** Called before the entries of a page are visited in their order. */
  begin?(page: readonly Entry[]): Promise<void>;
  /** `stop` ends the run; the next run starts with this entry. */
  visit(entry: Entry): Promise<'next' | 'stop'>;
}

export interface ScanPorts {
  readonly operatorLedger: Pick<OperatorLedger, 'page' | 'loadCursor' | 'saveCursor'>;
  readonly report: Report;
}

/** The progress of a scan, saved between runs. */
interface ScanProgress {
  /** ISO 8601 UTC. */
  readonly beganAt: string;
  /** The last entry that is done; omitted before the first one. */
  readonly cursor?: EntryId;
  /** How many consecutive runs have made no progress. */
  readonly stuck?: number;
  readonly isDone: boolean;
}

const NAME = 'scan';
const INTERVAL_MS = 24 * 3_600_000;
/** The largest batch that HubSpot's batch read accepts. */
const PAGE_SIZE = 100;
const MAX_PAGES = 100;
/** After this many runs without progress the entry is skipped, since HubSpot may never respond for it. */
const MAX_STUCK = 3;

/**
 * Scans the whole ledger, at most once a day and in several runs. Progress is saved after every page, so that an
 * interrupted run repeats one page at most.
 */
export async function scan(run: Run, visitors: readonly Visitor[], ports: ScanPorts): Promise<void> {
  const { operatorLedger, report } = ports;
  let progress = progressAt(run.now, await operatorLedger.loadCursor(NAME));
  if (progress.isDone) return;
  let entries = 0;
  for (let pages = 0; pages < MAX_PAGES && !progress.isDone && run.hasTime(); pages += 1) {
    const page = await operatorLedger.page(progress.cursor, PAGE_SIZE);
    const done = await visitPage(page.entries, visitors, run);
    const isStuck = entries + done === 0 && page.entries.length > 0 && run.hasTime();
    entries += done;
    progress = isStuck ? stuckAt(progress, page) : progressAfter(progress, page, done);
    await operatorLedger.saveCursor(NAME, progress);
    if (done < page.entries.length) break;
  }
  report({ event: 'ledger.scanned', entries, isDone: progress.isDone });
}

/** Returns the saved scan if it is unfinished or not due again yet; otherwise a new one. */
function progressAt(now: Date, saved: unknown): ScanProgress {
  if (isScanProgress(saved) && !(saved.isDone && now.getTime() - Date.parse(saved.beganAt) >= INTERVAL_MS))
    return saved;
  return { beganAt: now.toISOString(), isDone: false };
}

function isScanProgress(saved: unknown): saved is ScanProgress {
  return typeof saved === 'object' && saved !== null && 'beganAt' in saved && 'isDone' in saved;
}

/** Within a page, the scan continues after the last entry that is done. */
function progressAfter({ beganAt, cursor: before }: ScanProgress, page: Page, done: number): ScanProgress {
  const isWhole = done === page.entries.length;
  const cursor = isWhole ? page.cursor : (page.entries[done - 1]?.id ?? before);
  return { beganAt, ...(cursor === undefined ? {} : { cursor }), isDone: isWhole && cursor === undefined };
}

/** Stays at the same entry, or skips it after `MAX_STUCK` runs. */
function stuckAt(progress: ScanProgress, page: Page): ScanProgress {
  const stuck = (progress.stuck ?? 0) + 1;
  return stuck < MAX_STUCK ? { ...progress, stuck } : progressAfter(progress, page, 1);
}

/** Returns how many entries are done. */
async function visitPage(page: readonly Entry[], visitors: readonly Visitor[], { hasTime }: Run): Promise<number> {
  for (const visitor of visitors) await visitor.begin?.(page);
  for (const [index, entry] of page.entries()) {
    for (const visitor of visitors) if (!hasTime() || (await visitor.visit(entry)) === 'stop') return index;
  }
  return page.length;
}
