import { evidenceInStatus, is2xx, isComplete, optedInSince } from '../delivery/evidence.ts';
import type { HubSpot, HubSpotResponse, Subject } from '../delivery/hubspot.ts';
import { isUnreachable } from '../delivery/unsubscribe.ts';
import type { EmailAddress } from '../model/email-address.ts';
import type { Report } from '../model/telemetry.ts';

/** How much of HubSpot's daily limit the look for drift may use; false: nothing is looked for. */
export type DriftShare = false | { readonly shareOfDailyLimit: number; readonly dailyLimit: number };

export const defaultDrift: DriftShare = { shareOfDailyLimit: 0.1, dailyLimit: 250_000 };

/** That of the schedule in serverless.yml. */
export const RUNS_PER_DAY = 288;

/** Whether each run can ask enough to come at least one entry further. */
export function isEnoughForDrift(drift: DriftShare): boolean {
  return readsPerRun(drift) > READS_PER_LOOK;
}

/** How often HubSpot may be asked in one run, so that all runs of a day stay within the share. */
export function readsPerRun(drift: DriftShare): number {
  return drift ? Math.floor((drift.shareOfDailyLimit * drift.dailyLimit) / RUNS_PER_DAY) : 0;
}

export interface ProbePorts {
  /** The calls of one look; they share its time limit. */
  readonly hubspot: () => Pick<HubSpot, 'readStatus' | 'readSubscriptions'>;
  /** The wide rows of many addresses in one answer, which may lack some; 100 addresses at most. */
  readonly readMany: (emails: readonly EmailAddress[]) => Promise<HubSpotResponse>;
  readonly drift: DriftShare;
  readonly report: Report;
}

/** An opt-out that HubSpot had confirmed by then. */
export interface Confirmed {
  readonly subject: Subject;
  readonly closedAt: Date;
}

/** What HubSpot shows of it now; `stop`: it can be asked nothing more in this run. */
export type Finding = 'out' | 'opted-in' | 'drifted' | 'unknown' | 'stop';

/** The opt-out's own record, then all subscriptions; of a list they are the same. */
const READS_PER_LOOK = 2;

export interface Probe {
  /**
   * Who is out, by one read for all. What the answer does not show is looked at singly: not every tier has this call, it may
   * answer in part, and nobody is told anything again because of a row that was missing.
   */
  atMany(emails: readonly EmailAddress[]): Promise<HubSpotResponse | undefined>;
  at(confirmed: Confirmed): Promise<Finding>;
}

/** Asks HubSpot, never more often than a run may. */
export function createProbe(through: ProbePorts): Probe {
  const asking: Asking = { ...through, readsLeft: readsPerRun(through.drift), mayAskMany: true };
  return { atMany: (emails) => askMany(emails, asking), at: (confirmed) => ask(confirmed, asking) };
}

type Asking = ProbePorts & { readsLeft: number; mayAskMany: boolean };

async function askMany(emails: readonly EmailAddress[], asking: Asking): Promise<HubSpotResponse | undefined> {
  if (!asking.mayAskMany || emails.length < 2 || asking.readsLeft <= READS_PER_LOOK) return undefined;
  const answer = await counted(asking.readMany(emails), asking);
  if (isUnreachable(answer)) stop(answer, asking);
  asking.mayAskMany = is2xx(answer);
  return answer;
}

async function ask({ subject, closedAt }: Confirmed, asking: Asking): Promise<Finding> {
  if (asking.readsLeft < READS_PER_LOOK) return 'stop';
  const calls = asking.hubspot();
  const record = await counted(calls.readStatus(subject), asking);
  if (evidenceInStatus(record, subject, closedAt)) return 'out';
  const hasMore = is2xx(record) && subject.subscriptionId === undefined;
  const last = hasMore ? await counted(calls.readSubscriptions(subject), asking) : record;
  const untold = [record, last].find((answer) => !isComplete(answer));
  if (untold) return isUnreachable(untold) || untold.status === 403 ? stop(untold, asking) : 'unknown';
  return [record, last].some((answer) => optedInSince(answer, subject, closedAt)) ? 'opted-in' : 'drifted';
}

function counted(answer: Promise<HubSpotResponse>, asking: Asking): Promise<HubSpotResponse> {
  asking.readsLeft -= 1;
  return answer;
}

function stop({ status, category }: HubSpotResponse, asking: Asking): 'stop' {
  asking.readsLeft = 0;
  asking.report({ event: 'drift.stopped', status, category });
  return 'stop';
}
