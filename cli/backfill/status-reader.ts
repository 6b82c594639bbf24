import { setTimeout as sleep } from 'node:timers/promises';
import { isDailyLimit, retryAfterSeconds } from '../../functions/core/delivery/backoff.ts';
import { evidenceInStatus, is2xx, isUnknownAddress, isUnreachable } from '../../functions/core/delivery/evidence.ts';
import type { HubSpot, HubSpotResponse, Subject } from '../../functions/core/delivery/hubspot.ts';
import type { EmailAddress } from '../../functions/core/model/email-address.ts';
import { mapConcurrently } from '../map-concurrently.ts';

/** Reads opt-outs from HubSpot. */
export interface StatusReader {
  /**
   * Returns the response about each subject, in their order: in one call for all of them where the account has it.
   * @throws HubSpotUnreadable if HubSpot does not answer after some retries
   */
  read(subjects: readonly Subject[]): Promise<readonly HubSpotResponse[]>;
}

export interface StatusReaderPorts {
  readonly hubspot: () => Pick<HubSpot, 'readStatus'>;
  /** Reads the wide rows of up to 100 addresses in one call. Only Marketing Hub Enterprise has it. */
  readonly readMany: (emails: readonly EmailAddress[]) => Promise<HubSpotResponse>;
  /** Resolves when the next call may be made. */
  readonly nextCall: () => Promise<void>;
}

/** HubSpot cannot be read at the moment. */
export class HubSpotUnreadable extends Error {
  override readonly name = 'HubSpotUnreadable';

  constructor(response: HubSpotResponse) {
    super(reasonOf(response));
  }
}

function reasonOf(response: HubSpotResponse): string {
  if (isDailyLimit(response)) return "HubSpot's daily limit is used up, except for the reserve for new opt-outs";
  return response.status === 0 ? 'HubSpot does not respond' : `HubSpot responded with ${response.status}`;
}

const CONCURRENT_READS = 10;
const MAX_ATTEMPTS = 4;
/** A longer wait, such as for the daily limit, ends the run: it can be continued. */
const MAX_WAIT_SECONDS = 20;

export function createStatusReader(ports: StatusReaderPorts): StatusReader {
  let canBatch = true;
  const readBatch = async (subjects: readonly Subject[]): Promise<HubSpotResponse | undefined> => {
    if (!canBatch || subjects.length < 2 || !subjects.every(isAccountWide)) return undefined;
    const response = await answered(() => ports.readMany(subjects.map(({ email }) => email)), ports);
    canBatch = is2xx(response);
    return response;
  };
  const readOne = async (subject: Subject): Promise<HubSpotResponse> => {
    const response = await answered(() => ports.hubspot().readStatus(subject), ports);
    if (!is2xx(response) && !isUnknownAddress(response)) throw new HubSpotUnreadable(response);
    return response;
  };
  return {
    async read(subjects) {
      const batch = await readBatch(subjects);
      // A batch response may be partial, so an address that it does not show as opted out is read again.
      const isShown = (subject: Subject) => batch && evidenceInStatus(batch, subject, new Date());
      const reads = (subject: Subject) => (batch && isShown(subject) ? Promise.resolve(batch) : readOne(subject));
      return Array.fromAsync(mapConcurrently(subjects, CONCURRENT_READS, reads));
    },
  };
}

/** Only an opt-out that names neither a brand nor a list can be read in a batch. */
function isAccountWide({ businessUnitId, subscriptionId }: Subject): boolean {
  return businessUnitId === undefined && subscriptionId === undefined;
}

/** Repeats a call that HubSpot refuses for the moment. */
async function answered(
  call: () => Promise<HubSpotResponse>,
  { nextCall }: StatusReaderPorts,
): Promise<HubSpotResponse> {
  for (let attempt = 1; ; attempt += 1) {
    await nextCall();
    const response = await call();
    if (!isUnreachable(response)) return response;
    const seconds = retryAfterSeconds(response, { attempt, now: new Date(), random: Math.random() });
    if (attempt === MAX_ATTEMPTS || seconds > MAX_WAIT_SECONDS) throw new HubSpotUnreadable(response);
    await sleep(seconds * 1000);
  }
}
