import type { Kind, Signal } from '../core/model/signal.ts';
import { closestRow } from '../core/payload/closest-row.ts';
import type { Payload } from '../core/payload/fields.ts';
import { arrayOf, isObject, jsonOf, objectOf, optionalText, partOf, textField } from '../core/payload/fields.ts';
import type { RawRequest } from '../core/payload/http.ts';
import { hardBounceKind } from '../core/readers/sender-bounce.ts';
import { readEvent } from '../core/readers/sender-event.ts';
import type { Source } from '../core/verify/source.ts';
import { readEach } from '../core/verify/source.ts';
import { uncompressed, unisenderAuth } from '../core/verify/unisender-auth.ts';

/**
 * Unisender Go's webhook in any of its formats: `json_post` or `json_post_compressed`, with events by user or a single event.
 * The secret is the API key of the account or project.
 * Events and `auth`: https://godocs.unisender.ru/web-api-ref#callback-format
 */
export const unisenderGo: Source = {
  name: 'unisender-go',
  scheme: 'signature',

  verify: unisenderAuth,
  read: (request) =>
    readEach(eventsIn(objectOf(jsonOf(uncompressed(request)), 'the body')), (it) => signalsOf(it, request)),
};

const KINDS: Readonly<Record<string, Kind>> = {
  unsubscribed: 'opt_out',
  spam: 'complaint',
  hard_bounced: 'hard_bounce',
  soft_bounced: 'soft_bounce',
  subscribed: 'resubscribe',
};

/**
 * Hard bounces by `delivery_info.delivery_status`. The other ones are about the sender, the message, or a mailbox that is full or
 * not in use for now: err_spam_rejected, err_blacklisted, err_mailbox_full, err_user_inactive, err_will_retry and so on.
 */
const BOUNCES: Readonly<Record<string, Kind>> = {
  err_user_unknown: 'hard_bounce',
  err_mailbox_discarded: 'hard_bounce', // the mailbox was deleted
  err_domain_inactive: 'hard_bounce', // the domain takes no mail
  err_dest_invalid: 'hard_bounce',
  err_unsubscribed: 'suppressed', // not sent because of an earlier opt-out
};

/** With "Use single event" the event is the body itself. An entry without events counts as one unreadable event. */
function eventsIn(body: Payload): readonly unknown[] {
  if (body.events_by_user === undefined) return [body];
  const users = arrayOf(body.events_by_user, 'events_by_user');
  return users.flatMap((user) => (isObject(user) && Array.isArray(user.events) ? user.events : [user]));
}

function signalsOf(event: Payload, request: RawRequest): readonly Signal[] {
  if (textField(event, 'event_name').toLowerCase() !== 'transactional_email_status') return []; // transactional_spam_block
  const data = isObject(event.event_data) ? event.event_data : event;
  const status = textField(data, 'status');
  const kind = closestRow(KINDS, [status]);
  const reported = {
    kind: kind === 'hard_bounce' ? bounceKind(partOf(data, 'delivery_info')) : kind,
    address: data.email,
    times: [data.event_time],
    zone: 'UTC' as const,
    key: [optionalText(data, 'job_id'), optionalText(data, 'email')?.toLowerCase(), status],
  };
  return readEvent(reported, request);
}

function bounceKind(info: Payload): Kind {
  const status = optionalText(info, 'delivery_status');
  const kind = closestRow(BOUNCES, [status]);
  const isUnclear = status === undefined || status.toLowerCase() === 'err_delivery_failed';
  if (kind !== 'hard_bounce' && !isUnclear) return kind ?? 'soft_bounce';
  return hardBounceKind({ reply: [info.destination_response], isClassified: !isUnclear });
}
