import type { Kind, Signal } from '../core/model/signal.ts';
import type { Payload } from '../core/payload/fields.ts';
import { eventsOf, optionalText, rowOf, textField } from '../core/payload/fields.ts';
import type { RawRequest } from '../core/payload/http.ts';
import { hardBounceKind } from '../core/readers/sender-bounce.ts';
import { readEvent } from '../core/readers/sender-event.ts';
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
  read: (request) => readEach(eventsOf(request.body), (event) => signalsOf(event, request)),
};

/** Without case and `_`: settings, transactional and marketing payloads spell these words differently. */
const KINDS: Readonly<Record<string, Kind>> = {
  unsubscribe: 'opt_out', // marketing
  unsubscribed: 'opt_out',
  complaint: 'complaint',
  spam: 'complaint',
  hardbounce: 'hard_bounce', // but see kindOf
  invalid: 'hard_bounce', // the address has invalid syntax
  invalidemail: 'hard_bounce',
  deferred: 'soft_bounce',
  softbounce: 'soft_bounce',
  blocked: 'suppressed', // not sent: the address was already on the block list
};

/** What a retry repeats. `ts` and the dates may be in the account's time zone, so they are not read as times. */
const STAMPS = ['ts_epoch', 'ts_event', 'ts', 'date_event', 'date'];

function signalsOf(event: Payload, request: RawRequest): readonly Signal[] {
  const word = textField(event, 'event');
  const kind = kindOf(event, rowOf(KINDS, word.toLowerCase().replace(/[_ ]/g, '')));
  const key = [optionalText(event, 'message-id') ?? optionalText(event, 'camp_id'), word];
  const stamp = STAMPS.map((name) => optionalText(event, name)).find((time) => time !== undefined);
  const reported = {
    kind,
    address: event.email, // missing if several contacts are added to a list
    times: [event.ts_epoch, event.ts_event],
    id: stamp && [...key, stamp].join(' '),
    key,
  };
  const signals = readEvent(reported, request);
  const lists = kind === 'opt_out' ? listsOf(event) : [];
  return lists.length === 0 ? signals : signals.flatMap((signal) => lists.map((list) => forList(list, signal)));
}

/** `reason` is the reply of the receiving server, or Brevo's own words. */
function kindOf({ reason }: Payload, kind: Kind | undefined): Kind | undefined {
  return kind === 'hard_bounce' ? hardBounceKind({ reply: [reason], isClassified: true }) : kind;
}

/** The lists that a marketing opt-out applies to. */
function listsOf({ list_id }: Payload): readonly string[] {
  const ids: readonly unknown[] = Array.isArray(list_id) ? list_id : [list_id];
  return ids.map((id) => optionalText({ id }, 'id')).filter((id) => id !== undefined);
}

function forList(list: string, signal: Signal): Signal {
  return { ...signal, scope: { list }, eventKey: `${signal.eventKey} ${list}` };
}
