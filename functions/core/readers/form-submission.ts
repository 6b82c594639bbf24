import { createHash } from 'node:crypto';
import type { EmailAddress } from '../model/email-address.ts';
import { parseEmailAddress } from '../model/email-address.ts';
import { Unreadable } from '../model/errors.ts';
import type { Kind, Signal } from '../model/signal.ts';
import type { Payload } from '../payload/fields.ts';
import { isObject, isoTime, unixSeconds } from '../payload/fields.ts';
import type { RawRequest } from '../payload/http.ts';
import type { Reading } from '../verify/source.ts';
import type { FieldMap } from './field-map.ts';
import { isTicked, valueAt } from './field-map.ts';

/** A submitted form, or an object posted by a customer's own system, before the field map is applied. */
export interface Submission {
  readonly request: RawRequest;
  /** The kind of signal. If the field map names a checkbox that is not ticked, the kind is `ignored` instead. */
  readonly kind: Kind;
  /** Objects in which the field map's names are looked up, in order of precedence. */
  readonly places: readonly unknown[];
  /** The answers to questions that the sender marks as email questions. */
  readonly emails: readonly string[];
  readonly id?: string | undefined;
  /** ISO 8601, or seconds or milliseconds since 1970. @default the time of arrival */
  readonly time?: unknown;
  /** The id of the page or form. Without an id, it becomes part of the event key. */
  readonly form?: string | undefined;
}

const MAX_SIGNALS = 1_000;

/** Reads a request that holds one submission. Throws Unreadable as `signalsOf` does. */
export function readSubmission(submission: Submission, fields: FieldMap): Reading {
  return { signals: signalsOf(submission, fields), unreadable: [] };
}

/**
 * Builds a signal for every address and list. If the map names no email field and the answers differ, the signals are
 * `ambiguous`: only one of the addresses is meant.
 *
 * @throws {Unreadable} if an opt-out has no address, or if a field has an invalid value.
 */
export function signalsOf(submission: Submission, fields: FieldMap): readonly Signal[] {
  const kind = kindOf(submission, fields);
  const emails = emailsOf(submission, fields);
  if (emails.length === 0 && kind !== 'ignored') throw new Unreadable(`${fields.email ?? 'the address'} is missing`);
  const lists = [...new Set(textsAt(submission, fields.list))];
  if (emails.length * lists.length > MAX_SIGNALS)
    throw new Unreadable('the submission names too many addresses and lists');
  const time = timeOf(submission, fields);
  const keyOf = keys(submission, { fields, isOneOfMany: lists.length > 1, time });
  const signalOf = (email: EmailAddress, list?: string): Signal => ({
    kind,
    scope: list === undefined ? 'all' : { list },
    email,
    eventKey: keyOf(email, list),
    occurredAt: time ?? submission.request.receivedAt,
    confidence: fields.email === undefined && emails.length > 1 ? 'ambiguous' : 'exact',
  });
  return emails.flatMap((email) => (lists.length === 0 ? signalOf(email) : lists.map((list) => signalOf(email, list))));
}

/** Returns the answers that contain an "@" and whose name contains "email", for senders without a field type for emails. */
export function emailsUnder(answers: Payload, name = /e-?mail/i): readonly string[] {
  const named = Object.entries(answers).filter(([key]) => name.test(key));
  return named.flatMap(([, value]) => textsOf(value)).filter((text) => text.includes('@'));
}

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
  return optOut === undefined || isTicked(valueIn(submission, optOut)) ? submission.kind : 'ignored';
}

function emailsOf(submission: Submission, { email }: FieldMap): readonly EmailAddress[] {
  const written = email === undefined ? submission.emails : textsAt(submission, email);
  return [...new Set(written.map(parseEmailAddress))];
}

/** Larger numbers are milliseconds. This one is the year 5138 in seconds and 1973 in milliseconds. */
const FIRST_MILLISECONDS = 100_000_000_000;

function timeOf(submission: Submission, { time: path }: FieldMap): Date | undefined {
  const [text] = [...textsAt(submission, path), ...textsOf(submission.time)];
  if (text === undefined) return undefined;
  const what = path ?? 'the time of the submission';
  if (!/^\d+(?:\.\d+)?$/.test(text)) return isoTime(text, what);
  const since1970 = Number(text);
  return unixSeconds(since1970 < FIRST_MILLISECONDS ? since1970 : since1970 / 1000, what);
}

function textsAt(submission: Submission, path: string | undefined): readonly string[] {
  return path === undefined ? [] : textsOf(valueIn(submission, path));
}

function valueIn({ places }: Submission, path: string): unknown {
  return places.map((place) => valueAt(place, path)).find((value) => value !== undefined && value !== null);
}

interface Keyed {
  readonly fields: FieldMap;
  /** Whether there are several signals that differ only in their list. */
  readonly isOneOfMany: boolean;
  readonly time: Date | undefined;
}

/**
 * The event key is the submission's id. Without an id, it is a hash of form, address, list and time. Without a time, the
 * whole body and the day of arrival replace it, so the same submission on another day is a new event.
 */
function keys(submission: Submission, { fields, isOneOfMany, time }: Keyed) {
  const { form = '', request } = submission;
  const [id] = [...textsAt(submission, fields.id), ...textsOf(submission.id)];
  const sent = time?.toISOString() ?? Buffer.concat([digestOf(request.body), Buffer.from(dayOf(request))]);
  return (email: EmailAddress, list = ''): string => {
    if (id !== undefined) return isOneOfMany ? `${id} ${list}` : id;
    return createHash('sha256')
      .update(JSON.stringify([form, email, list]))
      .update(sent)
      .digest('base64url');
  };
}

/** In UTC. */
const dayOf = ({ receivedAt }: RawRequest): string => receivedAt.toISOString().slice(0, 'yyyy-mm-dd'.length);

/** Cached, because every entry of a batch needs the digest of the same body. */
const digests = new WeakMap<Uint8Array, Uint8Array>();

function digestOf(body: Uint8Array): Uint8Array {
  const digest = digests.get(body) ?? createHash('sha256').update(body).digest();
  digests.set(body, digest);
  return digest;
}
