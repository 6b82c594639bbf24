import type { Definitions } from '../delivery/definitions.ts';
import { evidenceInStatus, is2xx, isComplete, isUnreachable, optInsSince, rowsOf } from '../delivery/evidence.ts';
import type { HubSpot, HubSpotResponse, StatusRow, Subject } from '../delivery/hubspot.ts';
import type { Coverage } from '../delivery/subjects.ts';
import { subjectsOf } from '../delivery/subjects.ts';
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

/** For each business unit, a probe reads the opt-out status, then the subscriptions. For one list both are the same read. */
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
  readonly hubspot: () => Pick<HubSpot, 'readStatus' | 'readSubscriptions' | 'readDefinitions'>;
  readonly definitions: Definitions;
  /** By brand name. */
  readonly businessUnitIds: Readonly<Record<string, string>>;
  /** Reads the wide rows of up to 100 addresses in one call. The response may lack some of them. */
  readonly readMany: (emails: readonly EmailAddress[]) => Promise<HubSpotResponse>;
  readonly drift: DriftShare;
  readonly report: Report;
}

export interface DriftPorts extends ProbePorts {
  readonly operatorLedger: Pick<OperatorLedger, 'reopen' | 'recordOptIn'>;
  /** Resolves once every command is durable. */
  readonly enqueue: (commands: readonly OptOut[]) => Promise<void>;
}

/** An opt-out that HubSpot had confirmed by `closedAt`. */
interface Confirmed {
  readonly coverage: Coverage;
  readonly closedAt: Date;
  /** The subscription types that were not changed, because the recipient had opted into them since. */
  readonly kept: readonly string[];
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
        due.flatMap(([, { coverage }]) => addressInBatch(coverage)),
        probe,
      );
      const out = batch ? await Promise.all(due.map(([, confirmed]) => isOutIn(batch, confirmed, probe))) : [];
      unsettled = new Map(due.filter((_each, index) => !out[index]));
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
    const key = JSON.stringify(confirmed.coverage);
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
  const { state, closedAt, brand, scope, kept = [] } = entry;
  const email = emailOf(entry);
  if (state !== 'confirmed' || closedAt === undefined || !email) return undefined;
  if (brand !== undefined && !Object.hasOwn(businessUnitIds, brand)) return undefined;
  return { coverage: { email, scope, brand }, closedAt: new Date(closedAt), kept };
}

/** Returns the address of an opt-out that has neither a brand nor a list; only those can be read in a batch. */
function addressInBatch({ email, brand, scope }: Coverage): readonly EmailAddress[] {
  return brand === undefined && scope === 'all' ? [email] : [];
}

/** Returns true if the response to a batch read shows the opt-out in every business unit. */
async function isOutIn(batch: HubSpotResponse, { coverage, closedAt }: Confirmed, probe: Probe): Promise<boolean> {
  const found = await subjectsOf(coverage, { ...probe, hubspot: probe.hubspot() });
  return found.ok && found.subjects.every((subject) => evidenceInStatus(batch, subject, closedAt));
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

/** Probes every business unit. One that has drifted decides, then one with a newer opt-in. */
async function probeSingle(confirmed: Confirmed, probe: Probe): Promise<Finding> {
  const hubspot = probe.hubspot();
  const found = await subjectsOf(confirmed.coverage, { ...probe, hubspot });
  if (!found.ok) return stop(found.response, probe);
  if (probe.readsLeft < READS_PER_PROBE * found.subjects.length) return 'stop';
  const findings: Finding[] = [];
  for (const subject of found.subjects) {
    const finding = await probeSubject(subject, confirmed, hubspot, probe);
    if (finding === 'stop') return finding;
    findings.push(finding);
  }
  return (['drifted', 'opted-in', 'unknown'] as const).find((each) => findings.includes(each)) ?? 'opted-out';
}

async function probeSubject(
  subject: Subject,
  confirmed: Confirmed,
  hubspot: ReturnType<ProbePorts['hubspot']>,
  probe: Probe,
): Promise<Finding> {
  const status = await counted(hubspot.readStatus(subject), probe);
  if (evidenceInStatus(status, subject, confirmed.closedAt)) return 'opted-out';
  const needsMore = is2xx(status) && subject.subscriptionId === undefined;
  const responses = needsMore ? [status, await counted(hubspot.readSubscriptions(subject), probe)] : [status];
  const incomplete = responses.find((response) => !isComplete(response));
  if (incomplete) return isUnreachable(incomplete) || incomplete.status === 403 ? stop(incomplete, probe) : 'unknown';
  return findingIn(responses, subject, confirmed);
}

/** Without the opt-out from everything, each type must be unsubscribed, kept, or opted into since. */
function findingIn(responses: readonly HubSpotResponse[], subject: Subject, { closedAt, kept }: Confirmed): Finding {
  const optIns = responses.flatMap((response) => optInsSince(response, subject, closedAt));
  const isExpected = (row: StatusRow) =>
    row.status === 'UNSUBSCRIBED' || optIns.includes(row) || kept.includes(String(row.subscriptionId));
  const isWide = optIns.some(({ subscriptionId }) => subscriptionId === undefined);
  const hasAllTypes = responses.every((response) => rowsOf(response, subject).every(isExpected));
  if (optIns.length + kept.length === 0 || !(isWide || hasAllTypes)) return 'drifted';
  return optIns.length > 0 ? 'opted-in' : 'opted-out';
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
