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

/** By `RecordType`. Bounces also by `Type`, changes of a subscription by who caused them and why. */
const KINDS: Readonly<Record<string, Kind>> = {
  spamcomplaint: 'complaint',
  'bounce hardbounce': 'hard_bounce', // but see kindOf
  'bounce bademailaddress': 'hard_bounce', // the same
  'bounce manuallydeactivated': 'suppressed', // by a user of the account
  'bounce spamcomplaint': 'complaint',
  // The receiving server refused the message as spam, and no person did: https://postmarkapp.com/support/article/1065
  'bounce spamnotification': 'soft_bounce',
  'bounce unsubscribe': 'opt_out', // requested by a reply
  'bounce subscribe': 'resubscribe',
  'bounce blocked': 'soft_bounce',
  'bounce dmarcpolicy': 'soft_bounce',
  'bounce dnserror': 'soft_bounce',
  'bounce softbounce': 'soft_bounce',
  'bounce transient': 'soft_bounce',
  bounce: 'ignored', // out of office, address changes, challenges, viruses
  'subscriptionchange active': 'resubscribe',
  'subscriptionchange recipient hardbounce': 'hard_bounce',
  'subscriptionchange recipient spamcomplaint': 'complaint',
  'subscriptionchange recipient manualsuppression': 'opt_out',
  subscriptionchange: 'suppressed', // by Postmark's UI, its API or its staff
};

/** `Origin` names the account (`Customer`, `Admin`) for a suppression that the recipient did not cause. */
function wordsOf(event: Payload): readonly (string | undefined)[] {
  const record = textField(event, 'RecordType').toLowerCase();
  if (record === 'bounce') return [record, textField(event, 'Type')];
  if (event.SuppressSending === false) return [record, 'active'];
  const isByAccount = ['customer', 'admin'].includes(optionalText(event, 'Origin')?.toLowerCase() ?? '');
  return [record, isByAccount ? 'account' : 'recipient', optionalText(event, 'SuppressionReason')];
}

/** `Details` is the reply of the receiving server. */
function kindOf(event: Payload): Kind | undefined {
  const kind = closestRow(KINDS, wordsOf(event));
  return kind === 'hard_bounce' ? hardBounceKind({ reply: [event.Details], isClassified: true }) : kind;
}

function signalsOf(event: Payload, request: RawRequest): readonly Signal[] {
  const record = textField(event, 'RecordType');
  const kind = kindOf(event);
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
