import type { EventBridgeClient, PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { OptOut } from '../core/model/opt-out.ts';
import type { Outcome } from '../core/model/outcome.ts';
import type { Report } from '../core/model/telemetry.ts';
import { chunk } from './sqs.ts';

/** The outcome of one attempt at an opt-out. */
export interface Result {
  readonly optOut: OptOut;
  readonly outcome: Outcome;
  readonly closedAt: Date;
}

/** Publishes results to the event bus. Never rejects: a failure is reported and the opt-outs stay completed. */
export type PublishResults = (results: readonly Result[]) => Promise<void>;

export interface ResultBusOptions {
  /** Name or ARN of the event bus. If omitted, results are not published. */
  readonly bus: string | undefined;
  /** Whether results include the email address, or the HubSpot contact id. */
  readonly withAddress: boolean;
  readonly report: Report;
}

const SOURCE = 'optout-relay';
/** `PutEvents` accepts 10 entries per call. */
const BATCH = 10;
/** Includes the SDK's retries. Less than the time the function has left after the longest attempt. */
const TIME_LIMIT_MS = 3_000;

/** Deferred opt-outs are not finished yet, and the result of a duplicate has been published before. */
const DETAIL_TYPES: Readonly<Record<Outcome['kind'], string | undefined>> = {
  confirmed: 'Opt-Out Confirmed',
  rejected: 'Opt-Out Rejected',
  held: 'Opt-Out Held',
  superseded: 'Opt-Out Superseded',
  observed: 'Opt-Out Observed',
  duplicate: undefined,
  deferred: undefined,
};

/** Creates the publisher of results to an EventBridge event bus. */
export function createResultBus(client: EventBridgeClient, options: ResultBusOptions): PublishResults {
  return async (results) => {
    const entries = results.flatMap((result) => entryOf(result, options));
    for (const batch of chunk(entries, BATCH)) {
      const [reason, ...more] = await put(client, batch);
      if (reason !== undefined) options.report({ event: 'result.publish_failed', count: more.length + 1, reason });
    }
  };
}

/** Returns an error name for each entry that EventBridge did not accept. */
async function put(client: EventBridgeClient, Entries: PutEventsRequestEntry[]): Promise<readonly string[]> {
  try {
    const abortSignal = AbortSignal.timeout(TIME_LIMIT_MS);
    const response = await client.send(new PutEventsCommand({ Entries }), { abortSignal });
    return (response.Entries ?? []).flatMap(({ ErrorCode }) => ErrorCode ?? []);
  } catch (error) {
    return Entries.map(() => (error instanceof Error ? error.name : 'unknown'));
  }
}

function entryOf(result: Result, { bus, withAddress }: ResultBusOptions): PutEventsRequestEntry[] {
  const { outcome, closedAt } = result;
  const DetailType = DETAIL_TYPES[outcome.kind];
  if (bus === undefined || DetailType === undefined) return [];
  const Detail = JSON.stringify(detailOf(result, withAddress));
  return [{ EventBusName: bus, Source: SOURCE, DetailType, Detail, Time: closedAt }];
}

function detailOf({ optOut, outcome, closedAt }: Result, withAddress: boolean) {
  const { id, source, kind, email, contactId, occurredAt, receivedAt } = optOut;
  const { kind: name, ...details } = outcome;
  const recipient = withAddress ? { email, contactId } : {};
  return { version: 1, id, source, kind, outcome: name, ...details, ...recipient, occurredAt, receivedAt, closedAt };
}
