import type { Kind, Signal } from '../core/model/signal.ts';
import type { Payload } from '../core/payload/fields.ts';
import { jsonOf, objectOf, optionalText, rowOf, textField } from '../core/payload/fields.ts';
import type { RawRequest } from '../core/payload/http.ts';
import { readEvent } from '../core/readers/sender-event.ts';
import { sharedSecret } from '../core/verify/shared-secret.ts';
import type { Source } from '../core/verify/source.ts';

/**
 * A message of Braze's webhook channel, built from the template in docs/sources/braze.md. Braze has no webhook for changes of
 * subscriptions and does not sign messages. The secret is the value of the message's `X-Relay-Key` header.
 * Webhooks: https://www.braze.com/docs/user_guide/message_building_by_channel/webhooks/creating_a_webhook
 * Liquid: https://www.braze.com/docs/user_guide/personalization_and_dynamic_content/liquid/supported_personalization_tags
 */
export const braze: Source = {
  name: 'braze',
  scheme: 'shared-secret',

  verify: sharedSecret,
  read: (request) => ({ signals: signalsOf(objectOf(jsonOf(request.body), 'the body'), request), unreadable: [] }),
};

/** The values of `subscribed_state`, and the words of the template. */
const KINDS: Readonly<Record<string, Kind>> = {
  unsubscribed: 'opt_out',
  subscribed: 'resubscribe',
  opted_in: 'resubscribe',
  spam: 'complaint',
  hard_bounce: 'hard_bounce',
  soft_bounce: 'soft_bounce',
  test: 'test',
};

function signalsOf(event: Payload, request: RawRequest): readonly Signal[] {
  const word = textField(event, 'event').toLowerCase();
  const list = optionalText(event, 'list');
  return readEvent(
    {
      kind: rowOf(KINDS, word),
      scope: list === undefined ? 'all' : { list },
      address: event.email,
      times: [event.occurred_at],
      id: optionalText(event, 'id'), // `dispatch_id` exists only in campaigns
      key: [word, list],
    },
    request,
  );
}
