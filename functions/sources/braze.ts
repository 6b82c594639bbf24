import { parseEmailAddress } from '../core/model/email-address.ts';
import type { Kind, Signal } from '../core/model/signal.ts';
import type { Payload } from '../core/payload/fields.ts';
import { isoTime, jsonOf, objectOf, optionalText, rowOf, textField } from '../core/payload/fields.ts';
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
  read: (request) => ({ signals: signalsOf(objectOf(jsonOf(request.body), 'the body')), unreadable: [] }),
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

function signalsOf(event: Payload): readonly Signal[] {
  const word = textField(event, 'event');
  const kind = rowOf(KINDS, word);
  if (kind === undefined && optionalText(event, 'email') === undefined) return [];
  const list = optionalText(event, 'list');
  return [
    {
      kind: kind ?? 'ignored',
      scope: list === undefined ? 'all' : { list },
      email: parseEmailAddress(event.email),
      eventKey: optionalText(event, 'id') ?? derivedKey(event, word),
      occurredAt: isoTime(event.occurred_at, 'occurred_at'),
      confidence: 'exact',
    },
  ];
}

/** `dispatch_id` exists only in campaigns. Without it, the event, list and time form the key. */
function derivedKey(event: Payload, word: string): string {
  return [word, optionalText(event, 'list'), textField(event, 'occurred_at')].join(' ');
}
