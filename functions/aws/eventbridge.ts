import type { EventBridgeClient, PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { OptOut } from '../core/model/opt-out.ts';
import type { Outcome } from '../core/model/outcome.ts';
import type { Report } from '../core/model/telemetry.ts';
import { chunk } from './sqs.ts';

/** How an attempt at an opt-out ended, and when by our clock. */
export interface Result {
  readonly optOut: OptOut;
  readonly outcome: Outcome;
  readonly closedAt: Date;
}

/** Never rejects: an opt-out whose result could not be told is settled all the same. */
export type PublishResults = (results: readonly Result[]) => Promise<void>;

export interface ResultBusOptions {
  /** Its name or ARN. */
  readonly bus: string;
  /** Whether the address, or the HubSpot contact, is told too. */
  readonly withAddress: boolean;
  readonly report: Report;
}

const SOURCE = 'optout-relay';
/** EventBridge takes ten events a call. */
const BATCH = 10;
/** With every retry of the SDK: less than what is left of the function's time after the longest attempt. */
const TIME_LIMIT_MS = 3_000;

/** By how the attempt ended. A deferred one has not ended, and of a duplicate the result is told already. */
const DETAIL_TYPES: Readonly<Record<Outcome['kind'], string | undefined>> = {
  confirmed: 'Opt-Out Confirmed',
  rejected: 'Opt-Out Rejected',
  held: 'Opt-Out Held',
  superseded: 'Opt-Out Superseded',
  duplicate: undefined,
  deferred: undefined,
};

/** Tells an EventBridge bus how opt-outs have ended. */
export function createResultBus(client: EventBridgeClient, options: ResultBusOptions): PublishResults {
  return async (results) => {
    const entries = results.flatMap((result) => entryOf(result, options));
    for (const Entries of chunk(entries, BATCH)) {
      const errors = await put(client, Entries);
      if (errors.length > 0)
        options.report({ event: 'result.publish_failed', count: errors.length, reason: `${errors[0]}` });
    }
  };
}

/** The names of the errors of what was not taken. */
async function put(client: EventBridgeClient, Entries: PutEventsRequestEntry[]): Promise<readonly string[]> {
  try {
    const abortSignal = AbortSignal.timeout(TIME_LIMIT_MS);
    const { Entries: answers = [] } = await client.send(new PutEventsCommand({ Entries }), { abortSignal });
    return answers.flatMap(({ ErrorCode }) => ErrorCode ?? []);
  } catch (error) {
    return Entries.map(() => (error instanceof Error ? error.name : 'unknown'));
  }
}

function entryOf(result: Result, { bus, withAddress }: ResultBusOptions): PutEventsRequestEntry[] {
  const { outcome, closedAt } = result;
  const DetailType = DETAIL_TYPES[outcome.kind];
  if (DetailType === undefined) return [];
  const Detail = JSON.stringify(detailOf(result, withAddress));
  return [{ EventBusName: bus, Source: SOURCE, DetailType, Detail, Time: closedAt }];
}

function detailOf({ optOut, outcome, closedAt }: Result, withAddress: boolean) {
  const { id, source, kind, email, contactId, occurredAt, receivedAt } = optOut;
  const { kind: ended, ...told } = outcome;
  const recipient = withAddress ? { email, contactId } : {};
  return { version: 1, id, source, kind, outcome: ended, ...told, ...recipient, occurredAt, receivedAt, closedAt };
}
