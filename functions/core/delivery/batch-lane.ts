import type { EmailAddress } from '../model/email-address.ts';
import type { Report } from '../model/telemetry.ts';
import { is2xx, isAccountRefused, isComplete, isRouteMissing, mayBeApplied } from './evidence.ts';
import type { HubSpot, HubSpotResponse, StatusRow, Subject } from './hubspot.ts';

/** HubSpot's calls that also exist for many addresses. */
export type BatchOperation = 'unsubscribe' | 'readStatus' | 'readSubscriptions';

/** One call about many addresses. */
export interface BatchCall {
  readonly operation: BatchOperation;
  readonly businessUnitId: string | undefined;
  readonly emails: readonly EmailAddress[];
  /** Ends the call. */
  readonly deadline: AbortSignal;
}

export interface BatchResponse extends HubSpotResponse {
  /** The rows by address. A listed address can have none. Missing unless there is a report. */
  readonly addresses?: ReadonlyMap<EmailAddress, readonly StatusRow[]> | undefined;
}

export interface BatchLanePorts {
  /** Resolves for every response and for every failed connection. */
  readonly call: (call: BatchCall) => Promise<BatchResponse>;
  /** The most addresses of a call. */
  readonly size: number;
  readonly clock: () => Date;
  readonly report: Report;
}

/** One attempt's own calls, and the signal that ends them. */
export interface SingleCalls {
  readonly hubspot: HubSpot;
  readonly deadline: AbortSignal;
  /** An earlier write may have failed because of this address, so its writes must not affect others. Its reads cannot. */
  readonly writesAlone: boolean;
}

/** Carries the calls of attempts that run at the same time in few calls about many addresses. */
export interface BatchLane {
  join(single: SingleCalls): HubSpot;
}

/** A call leaves once this long no other attempt has joined it, or when it is full. */
const JOIN_MS = 50;
/** How long no batch call is made after a response that the account or the API version has none. */
const CLOSED_MS = 3_600_000;

/** An attempt that waits for a call. `settle` takes undefined if the batch does not answer for the address. */
interface Passenger extends Pick<BatchCall, 'operation' | 'businessUnitId' | 'deadline'> {
  readonly email: EmailAddress;
  readonly settle: (response: HubSpotResponse | undefined) => void;
}

/**
 * Creates the batch lane of an instance. Each attempt gets the part of a response that is about its address and judges it like
 * the response to a call of its own. An attempt that gets none makes that call.
 */
export function createBatchLane(ports: BatchLanePorts): BatchLane {
  const { call, size, clock, report } = ports;
  let closedUntilMs = 0;
  const isClosed = () => clock().getTime() < closedUntilMs;
  const close = ({ status }: HubSpotResponse) => {
    if (!isClosed()) report({ event: 'batch.unavailable', status });
    closedUntilMs = clock().getTime() + CLOSED_MS;
  };
  const board = createPlatform(size, (passengers) => void send(passengers, { call, close }));
  return {
    join({ hubspot, deadline, writesAlone }) {
      const through = (operation: BatchOperation) => async (subject: Subject) => {
        const { email, businessUnitId, subscriptionId } = subject;
        const isAlone = subscriptionId !== undefined || (writesAlone && operation === 'unsubscribe');
        if (isAlone || isClosed()) return hubspot[operation](subject);
        const response = await new Promise<HubSpotResponse | undefined>((settle) =>
          board({ operation, businessUnitId, deadline, email, settle }),
        );
        return response ?? hubspot[operation](subject);
      };
      const [unsubscribe, readStatus] = [through('unsubscribe'), through('readStatus')];
      return { ...hubspot, unsubscribe, readStatus, readSubscriptions: through('readSubscriptions') };
    },
  };
}

/** Collects passengers for the same call. */
function createPlatform(size: number, leave: (passengers: readonly Passenger[]) => void) {
  const waiting = new Map<string, { readonly passengers: Passenger[]; readonly timer: NodeJS.Timeout }>();
  return (passenger: Passenger): void => {
    const key = `${passenger.operation} ${passenger.businessUnitId ?? ''}`;
    const before = waiting.get(key);
    clearTimeout(before?.timer);
    const passengers = [...(before?.passengers ?? []), passenger];
    const go = () => {
      waiting.delete(key);
      leave(passengers);
    };
    if (passengers.length < size) waiting.set(key, { passengers, timer: setTimeout(go, JOIN_MS) });
    else go();
  };
}

interface Sending extends Pick<BatchLanePorts, 'call'> {
  readonly close: (response: HubSpotResponse) => void;
}

/** Sends one call for all passengers. An address that occurs twice is sent once. */
async function send(passengers: readonly Passenger[], sending: Sending): Promise<void> {
  const [{ operation, businessUnitId }] = passengers as readonly [Passenger, ...Passenger[]];
  const emails = [...new Set(passengers.map(({ email }) => email))];
  const deadline = AbortSignal.any(passengers.map((each) => each.deadline));
  const response = await sending.call({ operation, businessUnitId, emails, deadline });
  const fate = operation === 'unsubscribe' ? fateOfWrite(response) : fateOfRead(response);
  if (fate === 'closed') sending.close(response);
  if (fate === 'split' && emails.length > 1) {
    const half = new Set(emails.slice(0, Math.ceil(emails.length / 2)));
    const halves = Map.groupBy(passengers, ({ email }) => half.has(email));
    await Promise.all([...halves.values()].map((each) => send(each, sending)));
    return;
  }
  for (const { email, settle } of passengers)
    settle(fate === 'shared' ? partOf(response, email, operation) : undefined);
}

/**
 * What a response means for its addresses. `shared`: each gets its part. `alone`: each is asked about by a call of its own.
 * `split`: one address may have caused the error, so each half is sent again. `closed`: there are no batch calls.
 */
type Fate = 'shared' | 'alone' | 'split' | 'closed';

/** A write that may be applied is not repeated: each address is read back, or read before the next attempt writes. */
function fateOfWrite(response: BatchResponse): Fate {
  return mayBeApplied(response) ? 'shared' : fateOfError(response);
}

function fateOfRead(response: BatchResponse): Fate {
  if (isComplete(response) || response.status === 0) return 'shared';
  if (is2xx(response)) return (response.report?.numErrors ?? 0) > 0 ? 'split' : 'alone';
  return fateOfError(response);
}

function fateOfError(response: BatchResponse): Fate {
  if (isAccountRefused(response)) return 'shared';
  return response.status === 403 || isRouteMissing(response) ? 'closed' : 'split';
}

/** Returns the part of a response that is about one address. A read that does not list the address does not answer for it. */
function partOf(response: BatchResponse, email: EmailAddress, operation: BatchOperation): HubSpotResponse | undefined {
  const { addresses, ...about } = response;
  if (!about.report || !addresses) return about;
  const results = addresses.get(email);
  if (!results && operation !== 'unsubscribe') return undefined;
  return { ...about, report: { ...about.report, results: results ?? [] } };
}
