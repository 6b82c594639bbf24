import { evidenceInStatus, is2xx, isComplete, optedInSince } from '../delivery/evidence.ts';
import type { HubSpot, HubSpotResponse, Subject } from '../delivery/hubspot.ts';
import { subjectOf } from '../delivery/hubspot.ts';
import { isUnreachable } from '../delivery/unsubscribe.ts';
import type { Entry } from '../ledger/ledger.ts';
import { emailOf } from '../ledger/ledger.ts';
import type { OperatorLedger } from '../ledger/operator-ledger.ts';
import type { EmailAddress } from '../model/email-address.ts';
import type { OptOut } from '../model/opt-out.ts';
import type { Report } from '../model/telemetry.ts';
import type { Run } from './run.ts';
import type { Visitor } from './scan.ts';

/** The share of HubSpot's daily limit that the drift check may use. `false` disables the check. */
export type DriftShare = false | { readonly shareOfDailyLimit: number; readonly dailyLimit: number };

export const defaultDrift: DriftShare = { shareOfDailyLimit: 0.1, dailyLimit: 250_000 };

/** By the schedule in serverless.yml. */
export const RUNS_PER_DAY = 288;

/** A single probe reads the opt-out status, then the subscriptions. For one list both are the same read. */
const READS_PER_PROBE = 2;

/** Returns whether the reads of one run suffice to check at least one entry. */
export function isEnoughForDrift(drift: DriftShare): boolean {
  return readsPerRun(drift) > READS_PER_PROBE;
}

/** Returns how many reads one run may make so that all runs of a day stay within the share. */
export function readsPerRun(drift: DriftShare): number {
  return drift ? Math.floor((drift.shareOfDailyLimit * drift.dailyLimit) / RUNS_PER_DAY) : 0;
}

interface ProbePorts {
  /** Creates the HubSpot calls of one probe. They share a time limit. */
  readonly hubspot: () => Pick<HubSpot, 'readStatus' | 'readSubscriptions'>;
  /** Reads the wide rows of up to 100 addresses in one call. The response may lack some of them. */
  readonly readMany: (emails: readonly EmailAddress[]) => Promise<HubSpotResponse>;
  readonly drift: DriftShare;
  readonly report: Report;
}

export interface DriftPorts extends ProbePorts {
  readonly operatorLedger: Pick<OperatorLedger, 'reopen' | 'recordOptIn'>;
  /** By brand name. */
  readonly businessUnitIds: Readonly<Record<string, string>>;
  /** Resolves once every command is durable. */
  readonly enqueue: (commands: readonly OptOut[]) => Promise<void>;
}

/** An opt-out that HubSpot had confirmed by this time. */
interface Confirmed {
  readonly subject: Subject;
  readonly closedAt: Date;
}

/** HubSpot may need a while until every endpoint shows a write. */
const SETTLED_AFTER_MS = 3_600_000;

/**
 * Creates the visitor that reads confirmed opt-outs back from HubSpot. An opt-out that is no longer set is delivered
 * again through the queue, with every check, unless the recipient has opted in since. Stops the run if HubSpot cannot
 * be read.
 */
export function detectDrift({ now }: Run, ports: DriftPorts): Visitor {
  if (!ports.drift) return { visit: async () => 'next' };
  const probe: Probe = { ...ports, readsLeft: readsPerRun(ports.drift), canBatch: true };
  let unsettled: ReadonlyMap<string, Confirmed> = new Map();
  return {
    async begin(page) {
      const due = [...dueIn(page, now, ports)];
      const batch = await probeBatch(
        due.flatMap(([, { subject }]) => accountWideAddress(subject)),
        probe,
      );
      const isOut = ({ subject, closedAt }: Confirmed) => batch && evidenceInStatus(batch, subject, closedAt);
      unsettled = new Map(due.filter(([, confirmed]) => !isOut(confirmed)));
    },
    async visit(entry) {
      const confirmed = unsettled.get(entry.id);
      return confirmed ? act(entry, await probeSingle(confirmed, probe), { ...ports, now }) : 'next';
    },
  };
}

type ActPorts = DriftPorts & Pick<Run, 'now'>;

async function act(entry: Entry, finding: Finding, ports: ActPorts): Promise<'next' | 'stop'> {
  if (finding === 'opted-in') await recordOptIn(entry, ports);
  if (finding === 'drifted') await deliverAgain(entry, ports);
  return finding === 'stop' ? 'stop' : 'next';
}

async function recordOptIn(entry: Entry, { operatorLedger, report, now }: ActPorts): Promise<void> {
  await operatorLedger.recordOptIn(entry.id, now);
  report({ event: 'optout.opted_in', optOut: entry });
}

/** Updates the ledger before the queue: if the message is not sent, the entry is open and `requeueLost` enqueues it. */
async function deliverAgain({ id }: Entry, { operatorLedger, report, enqueue, now }: ActPorts): Promise<void> {
  const optOut = await operatorLedger.reopen(id, 'confirmed', now);
  if (!optOut) return;
  report({ event: 'optout.drifted', optOut });
  await enqueue([optOut]);
}

/**
 * Returns the entries to check, by id. Only the newest entry of each subject counts, since it overrides the older ones.
 */
function dueIn(page: readonly Entry[], now: Date, ports: DriftPorts): ReadonlyMap<string, Confirmed> {
  const newest = new Map<string, readonly [Entry, Confirmed]>();
  for (const entry of page) {
    const confirmed = confirmedOf(entry, ports);
    if (!confirmed) continue;
    const key = JSON.stringify(confirmed.subject);
    const other = newest.get(key)?.[1];
    if (!other || other.closedAt < confirmed.closedAt) newest.set(key, [entry, confirmed]);
  }
  const due = [...newest.values()].filter(
    ([{ optedInAt }, { closedAt }]) => optedInAt === undefined && now.getTime() - closedAt.getTime() > SETTLED_AFTER_MS,
  );
  return new Map(due.map(([{ id }, confirmed]) => [id, confirmed]));
}

/**
 * Returns undefined if the entry is not confirmed, has no address, or names a brand that is not configured any longer.
 */
function confirmedOf(entry: Entry, { businessUnitIds }: DriftPorts): Confirmed | undefined {
  const { state, closedAt, brand } = entry;
  const email = emailOf(entry);
  if (state !== 'confirmed' || closedAt === undefined || !email) return undefined;
  if (brand !== undefined && !Object.hasOwn(businessUnitIds, brand)) return undefined;
  return { subject: subjectOf({ ...entry, email }, businessUnitIds), closedAt: new Date(closedAt) };
}

/** Returns the address of an opt-out that has neither a brand nor a list; only those can be read in a batch. */
function accountWideAddress({ email, businessUnitId, subscriptionId }: Subject): readonly EmailAddress[] {
  return businessUnitId === undefined && subscriptionId === undefined ? [email] : [];
}

/** The state in HubSpot. `stop`: HubSpot cannot be read again in this run. */
type Finding = 'opted-out' | 'opted-in' | 'drifted' | 'unknown' | 'stop';

/** The ports, the remaining reads of this run, and whether a batch read is possible. */
type Probe = ProbePorts & { readsLeft: number; canBatch: boolean };

/**
 * Reads many addresses in one call. Every address that the response does not show as opted out is probed singly: the
 * call needs a higher HubSpot tier, its response may be partial, and a missing row must not cause another delivery.
 */
async function probeBatch(emails: readonly EmailAddress[], probe: Probe): Promise<HubSpotResponse | undefined> {
  if (!probe.canBatch || emails.length < 2 || probe.readsLeft <= READS_PER_PROBE) return undefined;
  const response = await counted(probe.readMany(emails), probe);
  if (isUnreachable(response)) stop(response, probe);
  probe.canBatch = is2xx(response);
  return response;
}

async function probeSingle({ subject, closedAt }: Confirmed, probe: Probe): Promise<Finding> {
  if (probe.readsLeft < READS_PER_PROBE) return 'stop';
  const calls = probe.hubspot();
  const status = await counted(calls.readStatus(subject), probe);
  if (evidenceInStatus(status, subject, closedAt)) return 'opted-out';
  const needsMore = is2xx(status) && subject.subscriptionId === undefined;
  const responses = needsMore ? [status, await counted(calls.readSubscriptions(subject), probe)] : [status];
  const incomplete = responses.find((response) => !isComplete(response));
  if (incomplete) return isUnreachable(incomplete) || incomplete.status === 403 ? stop(incomplete, probe) : 'unknown';
  return responses.some((response) => optedInSince(response, subject, closedAt)) ? 'opted-in' : 'drifted';
}

function counted(response: Promise<HubSpotResponse>, probe: Probe): Promise<HubSpotResponse> {
  probe.readsLeft -= 1;
  return response;
}

function stop({ status, category }: HubSpotResponse, probe: Probe): 'stop' {
  probe.readsLeft = 0;
  probe.report({ event: 'drift.stopped', status, category });
  return 'stop';
}
