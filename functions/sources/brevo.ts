import { parseEmailAddress } from '../core/model/email-address.ts';
import type { Kind, Signal } from '../core/model/signal.ts';
import type { Payload } from '../core/payload/fields.ts';
import { jsonOf, objectOf, optionalText, rowOf, textField, unixSeconds } from '../core/payload/fields.ts';
import { sharedSecret } from '../core/verify/shared-secret.ts';
import type { Source } from '../core/verify/source.ts';
import { readEach } from '../core/verify/source.ts';

/**
 * Brevo's webhooks, transactional and marketing, single or batched, which are not signed. The secret is the token or the
 * password that the webhook sends. Brevo retries after 429, but drops an event after any other 4xx and possibly after 5xx.
 * Events: https://developers.brevo.com/docs/transactional-webhooks and https://developers.brevo.com/docs/marketing-webhooks
 * Authentication: https://developers.brevo.com/docs/username-and-password-authentication
 */
export const brevo: Source = {
  name: 'brevo',
  scheme: 'shared-secret',
  onFailure: 429,

  verify: sharedSecret,
  read(request) {
    const body = jsonOf(request.body);
    return readEach(Array.isArray(body) ? body : [objectOf(body, 'the body')], signalsOf);
  },
};

/** Without case and `_`: settings, transactional and marketing payloads spell these words differently. */
const KINDS: Readonly<Record<string, Kind>> = {
  unsubscribe: 'opt_out', // marketing
  unsubscribed: 'opt_out',
  complaint: 'complaint',
  spam: 'complaint',
  hardbounce: 'hard_bounce',
  invalid: 'hard_bounce',
  invalidemail: 'hard_bounce',
  deferred: 'soft_bounce',
  softbounce: 'soft_bounce',
  blocked: 'suppressed', // not sent: the address was already on the block list
};

function signalsOf(event: Payload): readonly Signal[] {
  const word = textField(event, 'event');
  const kind = rowOf(KINDS, word.toLowerCase().replaceAll('_', ''));
  if (kind === undefined && typeof event.email !== 'string') return []; // such as several contacts added to a list
  const message = optionalText(event, 'message-id') ?? optionalText(event, 'camp_id');
  const time = optionalText(event, 'ts_epoch') ?? textField(event, 'ts_event');
  const signal: Signal = {
    kind: kind ?? 'ignored',
    scope: 'all',
    email: parseEmailAddress(event.email),
    eventKey: [message, word, time].join(' '),
    occurredAt: unixSeconds(Number(time) > LARGEST_SECONDS ? Number(time) / 1000 : time, 'the time'),
    confidence: 'exact',
  };
  const lists = kind === 'opt_out' ? listsOf(event) : [];
  return lists.length === 0 ? [signal] : lists.map((list) => forList(list, signal));
}

/** `ts_epoch` is in milliseconds, but some documented samples have seconds. */
const LARGEST_SECONDS = 99_999_999_999;

/** The lists that a marketing opt-out applies to. */
function listsOf({ list_id }: Payload): readonly string[] {
  const ids: readonly unknown[] = Array.isArray(list_id) ? list_id : [list_id];
  return ids.map((id) => optionalText({ id }, 'id')).filter((id) => id !== undefined);
}

function forList(list: string, signal: Signal): Signal {
  return { ...signal, scope: { list }, eventKey: `${signal.eventKey} ${list}` };
}
