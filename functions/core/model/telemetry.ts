import type { OptOut } from './opt-out.ts';
import type { Outcome } from './outcome.ts';
import type { State } from './state.ts';

/**
 * Every event that the relay reports: its fields, log lines, metrics, and the Lambda functions that emit it. No event holds
 * an email address, a request body, a token or a secret.
 */
export const EVENTS = {
  /** Commands are on the queue. */
  'optout.accepted': define<{ readonly source: string; readonly optOuts: readonly OptOutRef[] }>({
    emittedBy: ['webhook', 'unsubscribe', 'events', 'mailbox'],
    lines: ({ optOuts }) => optOuts.map(commandFields),
    metrics: ({ optOuts }) => [['Accepted', optOuts.length]],
  }),
  /** One attempt at one command ended. */
  'optout.attempted': define<{ readonly optOut: OptOutRef; readonly delivery: Delivery }>({
    emittedBy: ['deliver'],
    lines: ({ optOut, delivery }) => [{ ...commandFields(optOut), ...deliveryFields(delivery) }],
    metrics: ({ delivery }) => deliveryMetrics(delivery),
  }),
  /** A person or a scanner fetched a sealed link. */
  'link.opened': define<object>({ emittedBy: ['unsubscribe'], lines: notLogged, metrics: 'LinkOpened' }),
  /** A form submission exceeded its rate limit. */
  'form.rate_limited': define<object>({ emittedBy: ['unsubscribe'], lines: notLogged, metrics: 'FormRateLimited' }),
  /** A rate limit or the surge limit could not be counted. The request or the delivery went on without it. */
  'rate_limit.unavailable': define<{ readonly failure: Failure }>({
    level: 'error',
    emittedBy: ['unsubscribe', 'deliver'],
    metrics: 'RateLimitUnavailable',
  }),
  /** Verified signals that the policy ignores. */
  'signals.ignored': define<{ readonly source: string; readonly count: number }>({
    emittedBy: ['webhook', 'unsubscribe', 'events', 'mailbox'],
    metrics: ({ count }) => [['SignalsIgnored', count]],
  }),
  /** Verified events that could not be read. The log line has the first 100 reasons: CloudWatch truncates at 1 MB. */
  'signals.unreadable': define<{ readonly source: string; readonly reasons: readonly string[] }>({
    level: 'warn',
    emittedBy: ['webhook', 'unsubscribe', 'events', 'mailbox'],
    lines: ({ source, reasons }) => [{ source, reasons: reasons.slice(0, 100) }],
    metrics: ({ reasons }) => [['SignalsUnreadable', reasons.length]],
  }),
  /** The caller could not be verified. `hasSecret` is false if the source has none: its senders are not in use, but anyone can call it. */
  'request.unauthenticated': define<{ readonly source: string; readonly reason: string; readonly hasSecret?: boolean }>(
    {
      level: 'warn',
      emittedBy: ['webhook', 'unsubscribe', 'events', 'mailbox'],
      metrics: 'Unauthenticated',
    },
  ),
  /** A request or an event failed in the relay. The caller is asked to retry. */
  'request.failed': define<{ readonly failure: Failure }>({
    level: 'error',
    emittedBy: ['webhook', 'unsubscribe', 'events', 'mailbox'],
    metrics: 'RequestFailed',
    isFault: true,
  }),
  /** A queue message could not be processed: it is not a valid command, or the ledger is unavailable. */
  'delivery.failed': define<{
    readonly messageId: string;
    readonly optOutId?: string | undefined;
    readonly failure: Failure;
  }>({ level: 'error', emittedBy: ['deliver'], metrics: 'DeliveryFailed', isFault: true }),
  /** A contact was deleted in HubSpot for privacy. `count`: ledger entries whose address is erased, now or when they close. */
  'ledger.erased': define<{ readonly count: number }>({ emittedBy: ['deliver'] }),
  /** Results were not published to the event bus. `reason`: name of the first error. */
  'result.publish_failed': define<{ readonly count: number; readonly reason: string }>({
    level: 'error',
    emittedBy: ['deliver'],
    metrics: ({ count }) => [['ResultPublishFailed', count]],
  }),
  /** The `hubspot` secret cannot be read or has no valid token. */
  'credentials.unusable': define<{ readonly reason: string }>({
    level: 'error',
    emittedBy: ['deliver', 'sweep'],
    metrics: 'CredentialsRejected',
  }),
  /** HubSpot's subscription types could not be read, so business units that are not configured are unknown. */
  'definitions.unreadable': define<{ readonly status: number }>({
    level: 'warn',
    emittedBy: ['deliver', 'sweep'],
    metrics: 'DefinitionsUnreadable',
  }),
  /** Calls to HubSpot are paused: it is down or rejects the token. `status`: last response, 0 if there was no response. */
  'circuit.opened': define<{ readonly status: number; readonly pauseSeconds: number }>({
    level: 'warn',
    emittedBy: ['deliver', 'sweep'],
    metrics: 'CircuitOpened',
  }),
  /** The account or the API version has no batch calls. Single calls are made for an hour. `status`: HubSpot's response. */
  'batch.unavailable': define<{ readonly status: number }>({
    level: 'warn',
    emittedBy: ['deliver'],
    metrics: 'BatchUnavailable',
  }),
  /** A command was completed without a signed receipt. */
  'receipt.unsigned': define<{ readonly optOut: OptOutRef; readonly reason: string }>({
    level: 'error',
    emittedBy: ['deliver', 'sweep'],
    metrics: 'ReceiptUnsigned',
  }),
  /** Age of a source's oldest open or held command. Without any, one event has no source and age 0. */
  'backlog.measured': define<{ readonly source?: string; readonly ageSeconds: number }>({
    emittedBy: ['sweep'],
    lines: notLogged,
    metrics: ({ ageSeconds }) => [['OldestOpenAge', ageSeconds, 'Seconds']],
  }),
  /** Commands past a deadline, oldest first. `more`: number of further ones. */
  'optout.overdue': define<{ readonly overdue: readonly Overdue[]; readonly more: number }>({
    level: 'warn',
    emittedBy: ['sweep'],
    lines: ({ overdue, more }) => [...overdue.map(overdueFields), ...(more > 0 ? [{ more }] : [])],
  }),
  /** An open command whose message was lost is on the queue again. */
  'optout.requeued': define<{ readonly optOut: OptOutRef }>({ emittedBy: ['sweep'], metrics: 'Requeued' }),
  /** HubSpot no longer has a confirmed opt-out, and there is no newer opt-in: it is sent again. */
  'optout.drifted': define<{ readonly optOut: OptOutRef }>({ level: 'warn', emittedBy: ['sweep'], metrics: 'Drifted' }),
  /** The recipient opted in again after the opt-out was confirmed. */
  'optout.opted_in': define<{ readonly optOut: OptOutRef }>({ emittedBy: ['sweep'], metrics: 'OptedInAgain' }),
  /** The drift check stopped early. `status`: HubSpot's response, 0 if there was no response. */
  'drift.stopped': define<{ readonly status: number; readonly category?: string | undefined }>({
    level: 'warn',
    emittedBy: ['sweep'],
    metrics: 'DriftStopped',
  }),
  /** Number of ledger entries that a run visited, and whether it reached the end. */
  'ledger.scanned': define<{ readonly entries: number; readonly isDone: boolean }>({ emittedBy: ['sweep'] }),
  /** A part of the sweep failed. The other parts ran. */
  'sweep.failed': define<{ readonly part: string; readonly failure: Failure }>({
    level: 'error',
    emittedBy: ['sweep'],
  }),
  /** Days until HubSpot ends support of the API version in use. */
  'api_version.checked': define<{ readonly version: string; readonly daysLeft: number }>({
    emittedBy: ['deliver'],
    metrics: ({ daysLeft }) => [['ApiVersionDaysLeft', daysLeft]],
  }),
};

export interface EventDefinition<Fields> {
  /** @default 'info' */
  readonly level?: Level;
  readonly emittedBy: readonly FunctionName[];
  /** Log lines of an event. @default one line with its fields */
  readonly lines?: (fields: Fields) => readonly Line[];
  /** A metric that each event increments by one, or the metrics of an event. @default none */
  readonly metrics?: string | ((fields: Fields) => readonly Metric[]);
  /**
   * Whether a bad version of the function can cause it. The metrics are then also published by version, and a gradual deployment
   * is rolled back. Lambda's `Errors` does not count it, since the function caught the error.
   * @default false
   */
  readonly isFault?: boolean;
}

export type Level = 'info' | 'warn' | 'error';

/** A Lambda function, by its name in serverless.yml. */
export type FunctionName = 'webhook' | 'unsubscribe' | 'events' | 'mailbox' | 'deliver' | 'sweep';

/** Fields of a log line. `level` overrides the event's level. */
export type Line = { readonly level?: Level } & Readonly<Record<string, unknown>>;

/** `unit` is a CloudWatch unit, by default `Count`. */
export type Metric = readonly [name: string, value: number, unit?: 'Seconds' | 'Milliseconds'];

export type EventName = keyof typeof EVENTS;
type EventFields = {
  [Name in EventName]: (typeof EVENTS)[Name] extends EventDefinition<infer Fields> ? Fields : never;
};

export type RelayEvent<Name extends EventName = EventName> = {
  [Each in Name]: { readonly event: Each } & EventFields[Each];
}[Name];

export type Report = (event: RelayEvent) => void;

/** A command without its recipient. */
export type OptOutRef = Pick<OptOut, 'id' | 'source' | 'kind'>;

export interface Overdue {
  readonly optOut: OptOutRef;
  readonly state: State;
  /** Since the relay received the signal. */
  readonly ageSeconds: number;
  /** Whether the second deadline has passed too. */
  readonly isPaging: boolean;
}

export interface Delivery {
  readonly outcome: Outcome;
  readonly attempt: number;
  readonly tookMs: number;
  /** Since the relay received the signal. */
  readonly ageMs: number;
}

/** An error for the log. `reason` is the message of a `RelayError`; other messages are left out, since they may quote input. */
export interface Failure {
  readonly name: string;
  readonly reason?: string;
  readonly status?: number;
  readonly stack?: string;
}

/** Returns the log lines of an event, each with its level. */
export function linesOf<Name extends EventName>(
  event: RelayEvent<Name>,
): readonly (Line & { readonly level: Level })[] {
  const { level = 'info', lines = ownFields } = definitionOf(event);
  return lines(event).map((line) => ({ level, ...line }));
}

/** Returns the metrics of an event. */
export function metricsOf<Name extends EventName>(event: RelayEvent<Name>): readonly Metric[] {
  const { metrics } = definitionOf(event);
  if (typeof metrics === 'string') return [[metrics, 1]];
  return metrics?.(event) ?? [];
}

/**
 * Returns the source of an event as a metric's dimension. Sources without a secret share one, so that strangers cannot create a
 * metric for each source that they call: CloudWatch bills every combination of dimensions.
 */
export function sourceOf(event: RelayEvent): string | undefined {
  if ('hasSecret' in event && event.hasSecret === false) return 'no-secret';
  return 'optOut' in event ? event.optOut.source : 'source' in event ? event.source : undefined;
}

/** Whether a bad version of the function can cause the event. */
export function isFault(event: RelayEvent): boolean {
  return definitionOf(event).isFault === true;
}

function definitionOf<Name extends EventName>({ event }: RelayEvent<Name>): EventDefinition<EventFields[Name]> {
  const definitions: { readonly [Each in EventName]: EventDefinition<EventFields[Each]> } = EVENTS;
  return definitions[event];
}

function define<Fields>(definition: EventDefinition<Fields>): EventDefinition<Fields> {
  return definition;
}

function notLogged(): readonly Line[] {
  return [];
}

/** The fields of an event. `optOut` and `failure` are flattened. */
function ownFields(event: object): readonly Line[] {
  const { event: _name, optOut, failure, ...fields }: EventObject = event;
  return [{ ...(optOut && commandFields(optOut)), ...fields, ...failure }];
}

interface EventObject {
  readonly event?: EventName;
  readonly optOut?: OptOutRef;
  readonly failure?: Failure;
}

function commandFields({ id, source, kind }: OptOutRef): Line {
  return { optOutId: id, source, kind };
}

function deliveryFields({ outcome, ageMs, ...rest }: Delivery): Line {
  const { kind, ...details } = outcome;
  const level = kind === 'rejected' ? 'error' : 'info';
  return { level, outcome: kind, ...details, ...rest, ageSeconds: Math.round(ageMs / 1000) };
}

function overdueFields({ optOut, isPaging, ...fields }: Overdue): Line {
  return { level: isPaging ? 'error' : 'warn', ...commandFields(optOut), ...fields };
}

const OUTCOME_METRICS: Readonly<Record<Outcome['kind'], string>> = {
  confirmed: 'Confirmed',
  duplicate: 'Duplicate',
  superseded: 'Superseded',
  observed: 'Observed',
  held: 'Held',
  rejected: 'Rejected',
  deferred: 'Deferred',
};

function deliveryMetrics({ outcome, ageMs }: Delivery): readonly Metric[] {
  const status = 'status' in outcome ? outcome.status : undefined;
  const isRouteMissing = 'category' in outcome && outcome.category === 'ROUTE_MISSING';
  const isConfirmed = outcome.kind === 'confirmed';
  const metrics: (Metric | false)[] = [
    [OUTCOME_METRICS[outcome.kind], 1],
    isConfirmed && ['TimeToConfirm', ageMs, 'Milliseconds'],
    isConfirmed && !outcome.changed && ['AlreadyOptedOut', 1],
    (status === 401 || status === 403) && ['CredentialsRejected', 1],
    status === 429 && ['RateLimited', 1],
    isRouteMissing && ['RouteMissing', 1],
    isConfirmed && outcome.unchecked === true && ['Unchecked', 1],
  ];
  return metrics.filter((metric) => metric !== false);
}
