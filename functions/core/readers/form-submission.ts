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

/** A form that somebody sent, or what a system of one's own says about somebody, before the field map is applied. */
export interface Submission {
  readonly request: RawRequest;
  /** What it is, as long as the box of the field map is ticked. */
  readonly kind: Kind;
  /** Where the names of the field map are looked up; the first place that has one wins. */
  readonly places: readonly unknown[];
  /** The answers to the sender's own questions for an e-mail address. */
  readonly emails: readonly string[];
  readonly id?: string | undefined;
  /** ISO 8601, or seconds or milliseconds since 1970. Left out: our clock. */
  readonly time?: unknown;
  /** The page or form it came from: part of the key, where there is no id. */
  readonly form?: string | undefined;
}

const MOST_SIGNALS = 1_000;

/** The reading of a request that holds one submission. Throws Unreadable as `signalsOf` does. */
export function readSubmission(submission: Submission, fields: FieldMap): Reading {
  return { signals: signalsOf(submission, fields), unreadable: [] };
}

/**
 * A signal for every address and list. When the map names no e-mail field and the answers differ, one of them is meant:
 * `ambiguous`. Throws Unreadable when an opt-out has no address, or when a field that is there does not hold what it should.
 */
export function signalsOf(submission: Submission, fields: FieldMap): readonly Signal[] {
  const kind = kindOf(submission, fields);
  const emails = emailsOf(submission, fields);
  if (emails.length === 0 && kind !== 'ignored') throw new Unreadable(`${fields.email ?? 'the address'} is missing`);
  const lists = [...new Set(textsAt(submission, fields.list))];
  if (emails.length * lists.length > MOST_SIGNALS) throw new Unreadable('it names too many addresses and lists');
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

/** The answers under a name that says e-mail and with an "@" in them, for senders that have no type for these. */
export function emailsUnder(answers: Payload, name = /e-?mail/i): readonly string[] {
  const named = Object.entries(answers).filter(([key]) => name.test(key));
  return named.flatMap(([, value]) => textsOf(value)).filter((text) => text.includes('@'));
}

/** The objects in a list, such as the answers of a form; none when it is no list. */
export function entriesOf(value: unknown): readonly Payload[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** A text, a number or a list of these, as texts, without what is blank. */
export function textsOf(value: unknown): readonly string[] {
  const told = [value].flat().filter((each) => typeof each === 'string' || typeof each === 'number');
  return told.map((each) => String(each).trim()).filter((text) => text !== '');
}

function kindOf(submission: Submission, { optOut }: FieldMap): Kind {
  return optOut === undefined || isTicked(valueIn(submission, optOut)) ? submission.kind : 'ignored';
}

function emailsOf(submission: Submission, { email }: FieldMap): readonly EmailAddress[] {
  const written = email === undefined ? submission.emails : textsAt(submission, email);
  return [...new Set(written.map(parseEmailAddress))];
}

/** From here on a number counts milliseconds: as seconds it is the year 5138, as milliseconds 1973. */
const FIRST_MILLISECONDS = 100_000_000_000;

function timeOf(submission: Submission, { time: path }: FieldMap): Date | undefined {
  const [told] = [...textsAt(submission, path), ...textsOf(submission.time)];
  if (told === undefined) return undefined;
  const what = path ?? 'the time of the submission';
  if (!/^\d+(?:\.\d+)?$/.test(told)) return isoTime(told, what);
  const since1970 = Number(told);
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
  /** One signal of several that differ by their list alone. */
  readonly isOneOfMany: boolean;
  readonly time: Date | undefined;
}

/**
 * The id; without one, a hash of what was told, and of all that was sent and the day where that has no time in it: whoever
 * says the same on another day is heard again.
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

/** A batch of thousands asks for the same one. */
const digests = new WeakMap<Uint8Array, Uint8Array>();

function digestOf(body: Uint8Array): Uint8Array {
  const digest = digests.get(body) ?? createHash('sha256').update(body).digest();
  digests.set(body, digest);
  return digest;
}
