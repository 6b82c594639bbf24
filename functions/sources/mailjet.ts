import { parseEmailAddress } from '../core/model/email-address.ts';
import type { Kind, Signal } from '../core/model/signal.ts';
import type { Payload } from '../core/payload/fields.ts';
import { jsonOf, objectOf, optionalText, rowOf, textField, unixSeconds } from '../core/payload/fields.ts';
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
  read(request) {
    const body = jsonOf(request.body);
    return readEach(Array.isArray(body) ? body : [objectOf(body, 'the body')], signalsOf);
  },
};

const KINDS: Readonly<Record<string, Kind>> = {
  unsub: 'opt_out', // from one list, `mj_list_id`
  spam: 'complaint',
  bounce: 'soft_bounce', // unless `hard_bounce` is true
  blocked: 'suppressed', // not sent: an earlier complaint or bounce, or content classified as spam
};

/** The `mj_list_id` of mail that was not sent to a list. */
const NO_LIST = '0';

function signalsOf(event: Payload): readonly Signal[] {
  const word = textField(event, 'event');
  const kind = rowOf(KINDS, word);
  if (kind === undefined && optionalText(event, 'email') === undefined) return [];
  const list = kind === 'opt_out' ? (optionalText(event, 'mj_list_id') ?? NO_LIST) : NO_LIST;
  return [
    {
      kind: kind === 'soft_bounce' && event.hard_bounce === true ? 'hard_bounce' : (kind ?? 'ignored'),
      scope: list === NO_LIST ? 'all' : { list },
      email: parseEmailAddress(event.email),
      eventKey: [messageOf(event), word, list, textField(event, 'time')].join(' '),
      occurredAt: unixSeconds(event.time, 'time'),
      confidence: 'exact',
    },
  ];
}

/** Never `MessageID`: it is a number beyond 2^53, which a JSON parser on the way may have rounded. */
function messageOf(event: Payload): string | undefined {
  return optionalText(event, 'Message_GUID') ?? optionalText(event, 'mj_campaign_id');
}
