import type { Kind, Signal } from '../core/model/signal.ts';
import { closestRow } from '../core/payload/closest-row.ts';
import type { Payload } from '../core/payload/fields.ts';
import { arrayOf, jsonOf, objectOf, optionalText, textField, textOf } from '../core/payload/fields.ts';
import type { RawRequest } from '../core/payload/http.ts';
import { mediaType } from '../core/payload/http.ts';
import { parseJson } from '../core/payload/json.ts';
import { hardBounceKind } from '../core/readers/sender-bounce.ts';
import { readEvent } from '../core/readers/sender-event.ts';
import { hmac } from '../core/verify/hmac.ts';
import type { Source } from '../core/verify/source.ts';
import { readEach } from '../core/verify/source.ts';

/**
 * Mailtrap's webhooks for email sending, in either payload format: JSON or JSON Lines. The secret is the webhook's
 * signing secret.
 * Events: https://docs.mailtrap.io/email-api-smtp/advanced/webhooks
 * Signature: https://docs.mailtrap.io/email-api-smtp/advanced/webhooks#webhook-signature-verification
 */
export const mailtrap: Source = {
  name: 'mailtrap',
  scheme: 'signature',

  verify: hmac({ header: 'mailtrap-signature', encoding: 'hex' }),
  read: (request) => readEach(eventsIn(request), (event) => signalsOf(event, request)),
};

const KINDS: Readonly<Record<string, Kind>> = {
  unsubscribe: 'opt_out',
  spam: 'complaint',
  bounce: 'hard_bounce', // but see bounceKind
  'soft bounce': 'soft_bounce', // with a space
  reject: 'suppressed', // on the suppression list, or the domain was not verified in time
};

const JSON_LINES = new Set(['application/jsonl', 'application/x-ndjson']);

function eventsIn(request: RawRequest): readonly unknown[] {
  if (!JSON_LINES.has(mediaType(request))) return arrayOf(objectOf(jsonOf(request.body), 'the body').events, 'events');
  const lines = textOf(request.body).split('\n');
  return lines.filter((line) => line.trim() !== '').map((line) => parseJson(line)); // undefined is one unreadable event
}

function signalsOf(event: Payload, request: RawRequest): readonly Signal[] {
  const word = textField(event, 'event').toLowerCase().replaceAll('_', ' ');
  const reported = {
    kind: word === 'bounce' ? bounceKind(event) : closestRow(KINDS, [word]),
    address: event.email, // missing in activity_log.user.updated
    times: [event.timestamp],
    id: optionalText(event, 'event_id'),
    key: [optionalText(event, 'message_id'), word],
  };
  return readEvent(reported, request);
}

/**
 * Bounces by `bounce_category`, without punctuation. Mailtrap documents `spam` in a sample and no list; its categories have the
 * names of PowerMTA's. A category that is not here is about the sender, the message, a full mailbox or a connection.
 */
const CATEGORIES: Readonly<Record<string, 'bad address' | 'unclear'>> = {
  badmailbox: 'bad address',
  baddomain: 'bad address',
  invalidmailbox: 'bad address',
  other: 'unclear',
  '': 'unclear',
};

function bounceKind(event: Payload): Kind {
  const category = (optionalText(event, 'bounce_category') ?? '').replace(/[^a-z]/gi, '');
  const meaning = closestRow(CATEGORIES, [category]);
  if (meaning === undefined) return 'soft_bounce';
  return hardBounceKind({ reply: [event.response_code, event.response], isClassified: meaning === 'bad address' });
}
