import type { Kind, Signal } from '../core/model/signal.ts';
import { closestRow } from '../core/payload/closest-row.ts';
import type { Payload } from '../core/payload/fields.ts';
import { jsonOf, objectOf, optionalText, textField } from '../core/payload/fields.ts';
import type { RawRequest } from '../core/payload/http.ts';
import { hardBounceKind } from '../core/readers/sender-bounce.ts';
import { readEvent } from '../core/readers/sender-event.ts';
import { sharedSecret } from '../core/verify/shared-secret.ts';
import type { Source } from '../core/verify/source.ts';

/**
 * Postmark's webhooks, one event each, which are not signed. The secret is the `user:password` (or the password alone) in the
 * webhook's URL or basic auth, or the value of a custom header.
 * Events: https://postmarkapp.com/developer/webhooks/webhooks-overview
 * Bounce types: https://postmarkapp.com/developer/api/bounce-api#bounce-types
 */
export const postmark: Source = {
  name: 'postmark',
  scheme: 'shared-secret',

  verify: sharedSecret,
  read: (request) => ({ signals: signalsOf(objectOf(jsonOf(request.body), 'the body'), request), unreadable: [] }),
};

const KINDS: Readonly<Record<string, (event: Payload) => Kind>> = {
  bounce,
  spamcomplaint: () => 'complaint',
  subscriptionchange: (event) => (event.SuppressSending === false ? 'resubscribe' : suppression(event)),
};

/** By `Type`. Other types say nothing about the mailbox: out of office, address changes, challenges, viruses. */
const BOUNCES: Readonly<Record<string, Kind>> = {
  hardbounce: 'hard_bounce',
  bademailaddress: 'hard_bounce',
  manuallydeactivated: 'suppressed', // by a user of the account
  spamcomplaint: 'complaint',
  // The receiving server refused the message as spam, and no person did: https://postmarkapp.com/support/article/1065
  spamnotification: 'soft_bounce',
  unsubscribe: 'opt_out', // requested by a reply
  subscribe: 'resubscribe',
  blocked: 'soft_bounce',
  dmarcpolicy: 'soft_bounce',
  dnserror: 'soft_bounce',
  softbounce: 'soft_bounce',
  transient: 'soft_bounce',
};

/** `Details` is the reply of the receiving server. */
function bounce(event: Payload): Kind {
  const kind = closestRow(BOUNCES, [textField(event, 'Type')]) ?? 'ignored';
  return kind === 'hard_bounce' ? hardBounceKind({ reply: [event.Details], isClassified: true }) : kind;
}

/** By `SuppressionReason`. */
const SUPPRESSIONS: Readonly<Record<string, Kind>> = {
  hardbounce: 'hard_bounce',
  spamcomplaint: 'complaint',
  manualsuppression: 'opt_out', // by the recipient, unless `Origin` names the account
};

/** Values of `Origin` for a suppression that the recipient did not cause: Postmark's UI, its API, its staff. */
const NOT_RECIPIENT: Readonly<Record<string, true>> = { customer: true, admin: true };

function suppression(event: Payload): Kind {
  if (closestRow(NOT_RECIPIENT, [optionalText(event, 'Origin')])) return 'suppressed';
  return closestRow(SUPPRESSIONS, [optionalText(event, 'SuppressionReason')]) ?? 'suppressed';
}

function signalsOf(event: Payload, request: RawRequest): readonly Signal[] {
  const record = textField(event, 'RecordType');
  const kind = closestRow(KINDS, [record])?.(event);
  const stream = optionalText(event, 'MessageStream');
  const isOfStream = stream !== undefined && (kind === 'opt_out' || kind === 'resubscribe');
  const id = optionalText(event, 'ID');
  const reported = {
    kind,
    scope: isOfStream ? { list: stream } : ('all' as const),
    address: event.Email ?? event.Recipient,
    times: [event.BouncedAt, event.ChangedAt, event.DeliveredAt, event.ReceivedAt],
    id: id && `${record} ${id}`,
    key: [record, optionalText(event, 'MessageID'), stream],
  };
  return readEvent(reported, request);
}
