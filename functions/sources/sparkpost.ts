import { parseEmailAddress } from '../core/model/email-address.ts';
import type { Kind, Signal } from '../core/model/signal.ts';
import { closestRow } from '../core/payload/closest-row.ts';
import type { Payload } from '../core/payload/fields.ts';
import { arrayOf, isoTime, jsonOf, objectOf, optionalText, textField, unixSeconds } from '../core/payload/fields.ts';
import { sharedSecret } from '../core/verify/shared-secret.ts';
import type { Source } from '../core/verify/source.ts';
import { readEach } from '../core/verify/source.ts';

/**
 * SparkPost's event webhooks, which are not signed. The secret is the `user:password` of the webhook's basic authentication,
 * or the value of a custom header `X-Relay-Key`.
 * Events: https://developers.sparkpost.com/api/webhooks/
 * Authentication: https://support.sparkpost.com/docs/tech-resources/webhook-authentication
 */
export const sparkpost: Source = {
  name: 'sparkpost',
  scheme: 'shared-secret',

  verify: sharedSecret,
  read: (request) => readEach(arrayOf(jsonOf(request.body), 'the body'), signalsOf),
};

/** By `type` and by `fbtype` (RFC 5965) or `bounce_class`. */
const KINDS: Readonly<Record<string, Kind>> = {
  list_unsubscribe: 'opt_out', // the unsubscribe button of the mail client
  link_unsubscribe: 'opt_out',
  spam_complaint: 'complaint',
  'spam_complaint auth-failure': 'ignored',
  'spam_complaint not-spam': 'ignored',
  'spam_complaint opt-out': 'opt_out',
  delay: 'soft_bounce',
  bounce: 'soft_bounce',
  'bounce 10': 'hard_bounce', // invalid recipient
  'bounce 25': 'suppressed', // by SparkPost's own policies
  'bounce 26': 'suppressed',
  'bounce 30': 'hard_bounce', // no recipient
  'bounce 60': 'ignored', // out of office
  'bounce 80': 'resubscribe', // requested by mail
  'bounce 90': 'opt_out', // requested by mail
  'bounce 100': 'ignored', // challenge and response
};

/** `msys` holds one event under the name of its class. In a ping it is empty. */
function signalsOf({ msys }: Payload): readonly Signal[] {
  const [event] = Object.values(objectOf(msys, 'msys'));
  return event === undefined ? [] : signalsIn(objectOf(event, 'the event'));
}

function signalsIn(event: Payload): readonly Signal[] {
  const kind = kindOf(event);
  const address = optionalText(event, 'raw_rcpt_to') ?? event.rcpt_to;
  if (kind === undefined && typeof address !== 'string') return []; // ab_test_completed
  const time = textField(event, 'timestamp');
  return [
    {
      kind: kind ?? 'ignored',
      scope: 'all',
      email: parseEmailAddress(address),
      eventKey: textField(event, 'event_id'),
      occurredAt: time.includes('T') ? isoTime(time, 'timestamp') : unixSeconds(time, 'timestamp'), // both formats occur
      confidence: 'exact',
    },
  ];
}

function kindOf(event: Payload): Kind | undefined {
  const type = textField(event, 'type');
  const word = type === 'out_of_band' ? 'bounce' : type; // a bounce after the mail was accepted
  const detail = optionalText(event, 'fbtype')?.toLowerCase() ?? optionalText(event, 'bounce_class');
  return closestRow(KINDS, [word, detail]);
}
