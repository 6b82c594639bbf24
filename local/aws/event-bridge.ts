import { randomUUID } from 'node:crypto';
import { AwsError, type Input, isJsonObject, optionalText, optionalTextList, serveAwsJson } from './aws-json.ts';

/** An accepted event. */
export interface PutEvent {
  readonly id: string;
  readonly source: string;
  readonly detailType: string;
  /** The parsed `Detail`, a JSON object. */
  readonly detail: unknown;
  readonly resources: readonly string[];
  /** Name of the event bus, also if the caller passed its ARN. @default 'default' */
  readonly busName: string;
  /** ISO 8601 in UTC without milliseconds, as EventBridge delivers it. */
  readonly time: string;
}

/** Amazon EventBridge on loopback: PutEvents, and PutPartnerEvents for events of partners and AWS services. */
export interface LocalEventBridge {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

export interface EventBridgeOptions {
  /** 0 takes a free port. */
  readonly port: number;
  /** Called with each accepted event, in order, before the response is sent. */
  readonly onEvent: (event: PutEvent) => void | Promise<void>;
}

/**
 * Starts the service. On AWS, partner events go to a bus with the name of their source, and AWS services put events on the
 * default bus without a public API. Here both are sent with PutPartnerEvents.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
 * @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPartnerEvents.html
 */
export function startEventBridge({ port, onEvent }: EventBridgeOptions): Promise<LocalEventBridge> {
  const put = (isFromAws: boolean) => async (input: Input) => {
    const outcomes = entriesIn(input).map((entry) => accept(entry, isFromAws));
    for (const outcome of outcomes) if ('id' in outcome) await onEvent(outcome);
    return {
      FailedEntryCount: outcomes.filter((outcome) => !('id' in outcome)).length,
      Entries: outcomes.map((outcome) => ('id' in outcome ? { EventId: outcome.id } : outcome)),
    };
  };
  const operations = { PutEvents: put(false), PutPartnerEvents: put(true) };
  return serveAwsJson({ target: 'AWSEvents', operations }, port);
}

interface EntryError {
  readonly ErrorCode: string;
  readonly ErrorMessage: string;
}

const required = ['Source', 'DetailType', 'Detail'] as const;

function entriesIn(input: Input): readonly Input[] {
  const entries = input['Entries'];
  if (Array.isArray(entries) && entries.length >= 1 && entries.length <= 10 && entries.every(isJsonObject)) {
    return entries;
  }
  throw new AwsError('ValidationException', 'Entries must be a list of 1 to 10 entries.');
}

function accept(entry: Input, isFromAws: boolean): PutEvent | EntryError {
  const [source = '', detailType = '', detailText = ''] = required.map((member) => optionalText(entry, member));
  const missing = required.find((member) => !entry[member]);
  if (missing) {
    const ErrorMessage = `Parameter ${missing} is not valid. Reason: ${missing} is a required argument.`;
    return { ErrorCode: 'InvalidArgument', ErrorMessage };
  }
  if (source.startsWith('aws.') !== isFromAws) {
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' };
  }
  const detail = parsed(detailText);
  if (!isJsonObject(detail)) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  const resources = optionalTextList(entry, 'Resources') ?? [];
  const busName = source.startsWith('aws.partner/') ? source : busIn(entry);
  return { id: randomUUID(), source, detailType, detail, resources, busName, time: timeIn(entry) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function busIn(entry: Input): string {
  return (optionalText(entry, 'EventBusName') || 'default').replace(/^arn:.*:event-bus\//, '');
}

function timeIn(entry: Input): string {
  const atSeconds = entry['Time'] ?? Date.now() / 1000;
  const time = new Date(typeof atSeconds === 'number' ? atSeconds * 1000 : Number.NaN);
  if (Number.isNaN(time.getTime())) throw new AwsError('SerializationException', 'Time must be in epoch seconds.');
  return time.toISOString().replace(/\.\d+Z$/, 'Z');
}
