import type { Kind, Scope, Signal } from '../core/model/signal.ts';
import type { Payload } from '../core/payload/fields.ts';
import { isObject, jsonOf, optionalText, partOf, rowOf, textField } from '../core/payload/fields.ts';
import type { RawRequest } from '../core/payload/http.ts';
import { readEvent } from '../core/readers/sender-event.ts';
import { afterPrefix, hmac } from '../core/verify/hmac.ts';
import type { Source } from '../core/verify/source.ts';
import { readEach } from '../core/verify/source.ts';

/**
 * Intercom's webhooks. The secret is the client secret of the subscribed app.
 * Topics: https://developers.intercom.com/docs/references/webhooks/webhook-models
 * Signature: https://developers.intercom.com/docs/references/webhooks/webhook-models#signed-notifications
 */
export const intercom: Source = {
  name: 'intercom',
  scheme: 'signature',

  verify: hmac({ header: 'x-hub-signature', signatures: afterPrefix('sha1='), hash: 'sha1', encoding: 'hex' }),
  // Never throws for a malformed event: after too many errors Intercom drops later notifications.
  read: (request) => readEach([jsonOf(request.body)], (event) => signalsOf(event, request)),
};

/** By topic, and by `stat_type` for an email that was sent. A `user` (API versions 1.x) is a `contact` since. */
const KINDS: Readonly<Record<string, Kind>> = {
  'contact.unsubscribed': 'opt_out',
  'contact.email.updated': 'opt_out', // if the contact is unsubscribed, the new address is too
  'granular.unsubscribe': 'opt_out', // from one subscription type
  'content_stat.email unsubscribe': 'opt_out',
  'content_stat.email spam_complaint': 'complaint',
  'content_stat.email hard_bounce': 'hard_bounce',
  'content_stat.email soft_bounce': 'soft_bounce',
  'contact.subscribed': 'resubscribe',
  'granular.subscribe': 'resubscribe',
  ping: 'test',
};

function signalsOf(event: Payload, request: RawRequest): readonly Signal[] {
  const topic = textField(event, 'topic')
    .toLowerCase()
    .replace(/^user\./, 'contact.');
  const item = partOf(partOf(event, 'data'), 'item');
  const statType = optionalText(partOf(item, 'content_stat'), 'stat_type')?.toLowerCase();
  const kind = rowOf(KINDS, statType === undefined ? topic : `${topic} ${statType}`);
  const contact = [item.contact, item.user].filter(isObject).find(({ email }) => email !== undefined) ?? item;
  const isUnchanged = topic === 'contact.email.updated' && contact.unsubscribed_from_emails !== true;
  return readEvent(
    {
      kind: isUnchanged ? 'ignored' : kind,
      scope: topic.startsWith('granular.') ? subscriptionIn(item) : 'all',
      address: contact.email,
      times: [event.created_at],
      id: optionalText(event, 'id'),
      key: [topic],
    },
    request,
  );
}

/** Intercom documents no example. Without an id it is still an opt-out from one subscription, not from all. */
function subscriptionIn(item: Payload): Scope {
  const types = [partOf(item, 'subscription_type'), partOf(item, 'subscription')];
  const ids = types.map((type) => optionalText(type, 'id')).filter((id) => id !== undefined);
  return { list: ids[0] ?? 'unknown' };
}
