import type { Kind, Signal } from '../core/model/signal.ts';
import { closestRow } from '../core/payload/closest-row.ts';
import type { Payload } from '../core/payload/fields.ts';
import { eventsOf, optionalText, textField } from '../core/payload/fields.ts';
import type { RawRequest } from '../core/payload/http.ts';
import { hardBounceKind } from '../core/readers/sender-bounce.ts';
import { readEvent } from '../core/readers/sender-event.ts';
import { sharedSecret } from '../core/verify/shared-secret.ts';
import type { Source } from '../core/verify/source.ts';
import { readEach } from '../core/verify/source.ts';

/**
 * Mailjet's Event API: one event, or an array if events are grouped. Requests are not signed. The secret is the
 * `user:password` in the endpoint's URL, or the password alone.
 * Events: https://dev.mailjet.com/email/guides/webhooks/
 */
export const mailjet: Source = {
  name: 'mailjet',
  scheme: 'shared-secret',

  verify: sharedSecret,
  read: (request) => readEach(eventsOf(request.body), (event) => signalsOf(event, request)),
};

const KINDS: Readonly<Record<string, Kind>> = {
  unsub: 'opt_out', // from one list, `mj_list_id`
  spam: 'complaint',
  bounce: 'soft_bounce', // or hard, see bounceKind
  blocked: 'suppressed', // not sent: an earlier complaint or bounce, or content classified as spam
};

/** The `mj_list_id` of mail that was not sent to a list. */
const NO_LIST = '0';

function signalsOf(event: Payload, request: RawRequest): readonly Signal[] {
  const word = textField(event, 'event').toLowerCase();
  const kind = word === 'bounce' && event.hard_bounce === true ? bounceKind(event) : closestRow(KINDS, [word]);
  const list = kind === 'opt_out' ? (optionalText(event, 'mj_list_id') ?? NO_LIST) : NO_LIST;
  const reported = {
    kind,
    scope: list === NO_LIST ? ('all' as const) : { list },
    address: event.email,
    times: [event.time],
    key: [messageOf(event), word, list],
  };
  return readEvent(reported, request);
}

/**
 * Permanent bounces by `error`. The other errors are about the sender, the message, a full or inactive mailbox or a system.
 * See https://dev.mailjet.com/email/guides/webhooks/#event-types (possible values for errors)
 */
const BAD_ADDRESS: Readonly<Record<string, true>> = {
  'user unknown': true,
  'invalid domain': true,
  'no mail host': true,
};

/** `comment` is the reply of the receiving server. */
function bounceKind(event: Payload): Kind {
  const error = optionalText(event, 'error');
  const isClassified = closestRow(BAD_ADDRESS, [error]) ?? false;
  if (!isClassified && error !== undefined) return 'soft_bounce';
  return hardBounceKind({ reply: [event.comment], isClassified });
}

/** Never `MessageID`: it is a number beyond 2^53, which a JSON parser on the way may have rounded. */
function messageOf(event: Payload): string | undefined {
  return optionalText(event, 'Message_GUID') ?? optionalText(event, 'mj_campaign_id');
}
