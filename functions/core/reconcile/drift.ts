import { evidenceInStatus } from '../delivery/evidence.ts';
import { subjectOf } from '../delivery/hubspot.ts';
import type { Entry } from '../ledger/ledger.ts';
import type { EmailAddress } from '../model/email-address.ts';
import type { Step } from './scan.ts';
import type { Run, SweepPorts } from './sweep.ts';
import type { Confirmed, Finding, ProbePorts } from './sweep-look.ts';
import { createProbe } from './sweep-look.ts';

export interface DriftPorts extends SweepPorts, ProbePorts {
  /** By brand name. */
  readonly businessUnitIds: Readonly<Record<string, string>>;
}

/** HubSpot may need a while to show everywhere what it has taken. */
const SETTLED_AFTER_MS = 3_600_000;

/**
 * Reads back what HubSpot had confirmed. What is gone is carried out again, by the queue and with all guards, unless the
 * person has opted in since. Ends the run when HubSpot cannot be asked any more.
 */
export function detectDrift({ now }: Run, through: DriftPorts): Step {
  if (!through.drift) return async () => async () => true;
  const probe = createProbe(through);
  return async (page) => {
    const confirmed = confirmedIn(page, now, through);
    const record = await probe.atMany([...confirmed.values()].flatMap(({ subject }) => wideAddress(subject)));
    const isKnownOut = ({ subject, closedAt }: Confirmed) => record && evidenceInStatus(record, subject, closedAt);
    return async (entry) => {
      const each = confirmed.get(entry.id);
      return !each || isKnownOut(each) !== undefined || act(entry, await probe.at(each), { ...through, now });
    };
  };
}

type Acting = DriftPorts & Pick<Run, 'now'>;

/** False ends the run. */
async function act(entry: Entry, finding: Finding, through: Acting): Promise<boolean> {
  if (finding === 'opted-in') await respect(entry, through);
  if (finding === 'drifted') await carryOutAgain(entry, through);
  return finding !== 'stop';
}

async function respect(entry: Entry, { operatorLedger, report, now }: Acting): Promise<void> {
  await operatorLedger.recordOptIn(entry.id, now);
  report({ event: 'optout.opted_in', optOut: entry });
}

/** The ledger first: should the message not be sent, the entry is an open one that is repaired like every other. */
async function carryOutAgain({ id }: Entry, through: Acting): Promise<void> {
  const optOut = await through.operatorLedger.reopen(id, 'confirmed', through.now);
  if (!optOut) return;
  through.report({ event: 'optout.drifted', optOut });
  await through.enqueue([optOut]);
}

/** By the id of the entry. Of several about the same the newest decides: an older one may have been overtaken. */
function confirmedIn(page: readonly Entry[], now: Date, through: DriftPorts): ReadonlyMap<string, Confirmed> {
  const newest = new Map<string, readonly [Entry, Confirmed]>();
  for (const entry of page) {
    const confirmed = confirmedOf(entry, through);
    if (!confirmed) continue;
    const about = JSON.stringify(confirmed.subject);
    const known = newest.get(about)?.[1];
    if (!known || known.closedAt < confirmed.closedAt) newest.set(about, [entry, confirmed]);
  }
  const due = [...newest.values()].filter(
    ([{ optedInAt }, { closedAt }]) => optedInAt === undefined && now.getTime() - closedAt.getTime() > SETTLED_AFTER_MS,
  );
  return new Map(due.map(([{ id }, confirmed]) => [id, confirmed]));
}

/** Undefined where there is nothing to ask HubSpot about, or, the brand being gone from the configuration, no way to. */
function confirmedOf(entry: Entry, { businessUnitIds }: DriftPorts): Confirmed | undefined {
  const { state, closedAt, erasedAt, email, brand } = entry;
  if (state !== 'confirmed' || closedAt === undefined || erasedAt !== undefined || !email) return undefined;
  if (brand !== undefined && !Object.hasOwn(businessUnitIds, brand)) return undefined;
  const subject = subjectOf({ ...entry, email: email as EmailAddress }, businessUnitIds);
  return { subject, closedAt: new Date(closedAt) };
}

/** The address of an opt-out that is from everything, of every brand. */
function wideAddress({ email, businessUnitId, subscriptionId }: Confirmed['subject']): readonly EmailAddress[] {
  return businessUnitId === undefined && subscriptionId === undefined ? [email] : [];
}
