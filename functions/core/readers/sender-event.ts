import type { EmailAddress } from '../model/email-address.ts';
import { parseMailbox } from '../model/email-address.ts';
import type { Kind, Scope, Signal } from '../model/signal.ts';

/** What a sender reports about one recipient. Only the word and the address are required for an opt-out. */
export interface SenderEvent {
  /** Undefined for a word that is not in the source's table. */
  readonly kind: Kind | undefined;
  /** @default 'all' */
  readonly scope?: Scope;
  /** The recipient, with or without a display name. */
  readonly address: unknown;
  /** Returns true for the recipients of the sender's test events. @default none */
  readonly isTest?: (email: EmailAddress) => boolean;
  /** When the event occurred: the first of these that is a time. See `timeIn`. */
  readonly times: readonly unknown[];
  /** The zone of times without an offset. @default unknown */
  readonly zone?: 'UTC';
  /** The sender's event id, if it has one. */
  readonly id?: string | undefined;
  /** The fields that identify an event without an id, together with its time. */
  readonly key?: readonly (string | undefined)[];
  /** @default 'exact' */
  readonly confidence?: Signal['confidence'];
}

/** The request or the event that carried it. */
export interface Arrived {
  readonly receivedAt: Date;
}

/**
 * Makes the signal of an event. An opt-out is never lost for its time or its id: if the time is missing or has an unknown
 * format, the event occurred on arrival. An event that asks for nothing and has no address gives no signal.
 *
 * @throws {Unreadable} if the event may ask for something and its address cannot be read.
 */
export function readEvent(event: SenderEvent, { receivedAt }: Arrived): readonly Signal[] {
  const { kind = 'ignored', scope = 'all', address, isTest, times, zone, id, key = [], confidence = 'exact' } = event;
  if (ASKS_FOR_NOTHING.has(kind) && !isMailbox(address)) return [];
  const email = parseMailbox(address);
  const occurredAt = times.map((time) => timeIn(time, zone)).find((time) => time !== undefined);
  return [
    {
      kind: isTest?.(email) ? 'test' : kind,
      scope,
      email,
      eventKey: id ?? [...key, times.find(isStamp) ?? dayOf(receivedAt)].join(' '),
      ...(occurredAt ? { occurredAt } : { occurredAt: receivedAt, isTimeAssumed: true }),
      confidence,
    },
  ];
}

/** Kinds that no policy acts on by default. */
const ASKS_FOR_NOTHING: ReadonlySet<Kind> = new Set([
  'soft_bounce',
  'suppressed',
  'resubscribe',
  'test',
  'ignored',
] as const);

function isMailbox(address: unknown): boolean {
  try {
    return parseMailbox(address) !== '';
  } catch {
    return false;
  }
}

/** Returns true for a value that a retry repeats, even if it is not a time. */
function isStamp(value: unknown): value is string | number {
  return typeof value === 'number' || (typeof value === 'string' && value !== '');
}

/** A retry on another day makes another command, whose write changes nothing. */
function dayOf(time: Date): string {
  return time.toISOString().slice(0, 'yyyy-mm-dd'.length);
}

/** Larger numbers are milliseconds. As seconds, it is in the year 5138. */
const LARGEST_SECONDS = 99_999_999_999;
/** Earlier times are placeholders (`0`, `0001-01-01`), and would make any opt-in the newer one. */
const EARLIEST_MS = Date.UTC(2000, 0);
const LATEST_MS = Date.UTC(9999, 0);

/**
 * Returns a time in any of the formats that senders use: seconds or milliseconds since 1970, a number or text, or ISO 8601
 * with an offset, with `T` or a space. Returns undefined for anything else.
 *
 * @param zone the zone of a time without an offset. If omitted, such a time is not read
 */
export function timeIn(value: unknown, zone?: 'UTC'): Date | undefined {
  const epochMs =
    typeof value === 'number' ? inMilliseconds(value) : typeof value === 'string' ? epochMsIn(value, zone) : Number.NaN;
  return epochMs >= EARLIEST_MS && epochMs < LATEST_MS ? new Date(epochMs) : undefined;
}

const inMilliseconds = (epoch: number): number => (epoch > LARGEST_SECONDS ? epoch : epoch * 1000);

const NUMBER = /^\d+(?:\.\d+)?$/;
const ISO = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(?: ?(Z|UTC|[+-]\d\d:?\d\d))?$/i;

function epochMsIn(text: string, zone: 'UTC' | undefined): number {
  if (NUMBER.test(text)) return inMilliseconds(Number(text));
  const [, date, time, offset = zone] = ISO.exec(text) ?? [];
  return offset === undefined ? Number.NaN : Date.parse(`${date}T${time}${/^[Zu]/i.test(offset) ? 'Z' : offset}`);
}
