import { hash } from 'node:crypto';
import type { EmailAddress } from '../model/email-address.ts';
import { parseEmailAddress, parseMailbox } from '../model/email-address.ts';
import { Unreadable } from '../model/errors.ts';
import type { Kind, Signal } from '../model/signal.ts';
import type { Payload } from '../payload/fields.ts';
import { isObject } from '../payload/fields.ts';
import type { RawRequest } from '../payload/http.ts';
import type { Reading } from '../verify/source.ts';
import type { FieldMap } from './field-map.ts';
import { textsWithin, valueAt } from './field-map.ts';
import { timeIn } from './sender-event.ts';
import { isYes } from './yes-no.ts';

/** A submitted form, or an object posted by a customer's own system, before the field map is applied. */
export interface Submission {
  readonly request: RawRequest;
  /** The kind of signal. If the map's `optOut` means no, the kind is `ignored` instead. */
  readonly kind: Kind;
  /** Objects in which the field map's names are looked up, in order of precedence. The first one holds the answers. */
  readonly places: readonly unknown[];
  /** The answers to questions about the person's address, by their type or name. */
  readonly emails: readonly string[];
  /** The field that holds the address if the map names none. @default `emails` */
  readonly emailField?: string;
  readonly id?: string | undefined;
  /** ISO 8601, or seconds or milliseconds since 1970. @default the time of arrival */
  readonly time?: unknown;
  /** The id of the page or form. Without an id, it becomes part of the event key. */
  readonly form?: string | undefined;
}

const MAX_SIGNALS = 1_000;

/** A submission of any other kind asks for nothing, and needs no address. */
const MAY_ASK: ReadonlySet<Kind> = new Set(['opt_out', 'complaint', 'hard_bounce'] as const);

/**
 * Reads a submission: one signal for every address and list. The address is in the field that the map names. If it names none,
 * it is the answer to the sender's own email question, or else the only address in all answers. If several addresses remain,
 * the signals are `ambiguous`: only one of them is meant.
 *
 * @throws {Unreadable} if an opt-out has no address, or if it is not clear whether it is one.
 */
export function readSubmission(submission: Submission, fields: FieldMap): Reading {
  const kind = kindOf(submission, fields);
  const { emails, isCertain, unreadable } = addressesIn(submission, fields);
  if (!MAY_ASK.has(kind) && emails.length === 0) return { signals: [], unreadable: [] };
  if (emails.length === 0) throw new Unreadable(unreadable[0] ?? `${fields.email ?? 'the address'} is missing`);
  const lists = [...new Set(textsAt(submission, fields.list))];
  if (emails.length * Math.max(lists.length, 1) > MAX_SIGNALS)
    throw new Unreadable('the submission names too many addresses and lists');
  const times = timesOf(submission, fields);
  const occurredAt = times.map((time) => timeIn(time)).find((time) => time !== undefined);
  const keyOf = keys(submission, { fields, isOneOfMany: lists.length > 1, time: occurredAt });
  const signalOf = (email: EmailAddress, list?: string): Signal => ({
    kind,
    scope: list === undefined ? 'all' : { list },
    email,
    eventKey: keyOf(email, list),
    occurredAt: occurredAt ?? submission.request.receivedAt,
    ...(occurredAt === undefined && times.length > 0 ? { isTimeAssumed: true } : {}),
    confidence: isCertain ? 'exact' : 'ambiguous',
  });
  const signals = emails.flatMap((email) =>
    lists.length === 0 ? signalOf(email) : lists.map((list) => signalOf(email, list)),
  );
  return { signals, unreadable };
}

/** The name of a field for the person's own address: `Email`, `your_email_2`, and `q3_email` at Jotform. */
const OWN_EMAIL =
  /^(?:q\d+_)?(?:(?:your|my|work|contact|customer|user)[ _-]?)?e-?mail(?:[ _-]?adress|[ _-]?address)?e?[ _-]?\d*\W*$/i;

/**
 * Returns the answers that contain an "@" and whose name contains "email", for senders without a field type for emails. Returns
 * none if no name with an address means the person's own: `friends_email` holds the address of somebody else.
 */
export function emailsUnder(answers: Payload, name = /e-?mail/i): readonly string[] {
  const named = Object.entries(answers).filter(([key]) => name.test(key));
  const candidates = named.flatMap(([key, value]) => addressLike(textsOf(value)).map((text) => ({ key, text })));
  const valid = candidates.filter(({ text }) => parseAll([text]).emails.length > 0);
  const isOwn = valid.length === 0 || valid.some(({ key }) => OWN_EMAIL.test(key));
  return isOwn ? candidates.map(({ text }) => text) : [];
}

const addressLike = (texts: readonly string[]): readonly string[] => texts.filter((text) => text.includes('@'));

/** Returns the objects in an array, such as the answers of a form. Returns an empty array for any other value. */
export function entriesOf(value: unknown): readonly Payload[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** Returns a string, a number, or an array of these as trimmed strings. Blank strings are dropped. */
export function textsOf(value: unknown): readonly string[] {
  const values = [value].flat().filter((each) => typeof each === 'string' || typeof each === 'number');
  return values.map((each) => String(each).trim()).filter((text) => text !== '');
}

function kindOf(submission: Submission, { optOut }: FieldMap): Kind {
  if (optOut === undefined) return submission.kind;
  const condition = typeof optOut === 'string' ? { field: optOut } : optOut;
  return isYes(valueIn(submission, condition.field), condition) ? submission.kind : 'ignored';
}

interface Addresses {
  readonly emails: readonly EmailAddress[];
  /** False if only one of the addresses is meant. */
  readonly isCertain: boolean;
  readonly unreadable: readonly string[];
}

function addressesIn(submission: Submission, { email }: FieldMap): Addresses {
  const named = parseAll(textsAt(submission, email ?? submission.emailField));
  if (email !== undefined || named.emails.length > 0) return { ...named, isCertain: true };
  const own = parseAll(submission.emails);
  const { emails } =
    own.emails.length > 0 ? own : parseAll(addressLike(textsWithin(submission.places[0])), parseEmailAddress);
  const unreadable = emails.length > 0 ? [] : [...named.unreadable, ...own.unreadable];
  return { emails, isCertain: emails.length === 1, unreadable };
}

/** Parses each text, and gives a reason for each that is not an address. Equal addresses count once. */
function parseAll(texts: readonly string[], parse = parseMailbox): Omit<Addresses, 'isCertain'> {
  const emails = new Set<EmailAddress>();
  const unreadable: string[] = [];
  for (const text of texts) {
    try {
      emails.add(parse(text));
    } catch {
      unreadable.push('the email address is not valid');
    }
  }
  return { emails: [...emails], unreadable };
}

/** In the field that the map names, or else the sender's own. */
function timesOf(submission: Submission, { time }: FieldMap): readonly string[] {
  return [...textsAt(submission, time), ...textsOf(submission.time)];
}

function textsAt(submission: Submission, path: string | undefined): readonly string[] {
  return path === undefined ? [] : textsOf(valueIn(submission, path));
}

function valueIn({ places }: Submission, path: string): unknown {
  return places.map((place) => valueAt(place, path)).find((value) => value !== undefined && value !== null);
}

const MINUTE_MS = 60_000;

interface Keyed {
  readonly fields: FieldMap;
  /** Whether there are several signals that differ only in their list. */
  readonly isOneOfMany: boolean;
  readonly time: Date | undefined;
}

/**
 * The event key is the submission's id. Without an id, it is a hash of form, address, list and time. Without a time, or
 * with one of a full minute, which two acts of a person may share, there is no key: every submission is a new event.
 */
function keys(submission: Submission, { fields, isOneOfMany, time }: Keyed) {
  const { form = '' } = submission;
  const [id] = [...textsAt(submission, fields.id), ...textsOf(submission.id)];
  return (email: EmailAddress, list = ''): string | undefined => {
    if (id !== undefined) return isOneOfMany ? `${id} ${list}` : id;
    if (time === undefined || time.getTime() % MINUTE_MS === 0) return undefined;
    return hash('sha256', JSON.stringify([form, email, list]) + time.toISOString(), 'base64url');
  };
}
