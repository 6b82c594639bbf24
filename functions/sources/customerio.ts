import { parseEmailAddress } from '../core/model/email-address.ts';
import type { Kind, Signal } from '../core/model/signal.ts';
import type { Payload } from '../core/payload/fields.ts';
import { jsonOf, objectOf, optionalText, partOf, rowOf, textField, unixSeconds } from '../core/payload/fields.ts';
import { hmac } from '../core/verify/hmac.ts';
import type { Source } from '../core/verify/source.ts';
import { readEach } from '../core/verify/source.ts';
import { requiredHeader } from '../core/verify/verify.ts';

/**
 * Customer.io's reporting webhooks. The secret is the webhook's signing key.
 * Events: https://docs.customer.io/integrations/data-out/connections/webhooks/
 * Signature: https://docs.customer.io/api/webhooks
 */
export const customerio: Source = {
  name: 'customerio',
  scheme: 'signature',

  verify: hmac({
    header: 'x-cio-signature',
    encoding: 'hex',
    signed: (request) => ['v0:', requiredHeader(request, 'x-cio-timestamp'), ':', request.body],
  }),
  // Never throws: an event that is not acknowledged blocks all later events for up to seven days.
  read: (request) => readEach([request], () => signalsOf(objectOf(jsonOf(request.body), 'the body'))),
};

const PREFERENCES = 'customer cio_subscription_preferences_changed';

const KINDS: Readonly<Record<string, Kind>> = {
  'customer unsubscribed': 'opt_out',
  [PREFERENCES]: 'opt_out', // from the topics that are now off
  'customer subscribed': 'resubscribe',
  'email unsubscribed': 'opt_out',
  'email spammed': 'complaint',
  'email bounced': 'hard_bounce',
  'email deferred': 'soft_bounce',
  'email dropped': 'suppressed',
  'email suppressed': 'suppressed',
};

function signalsOf(event: Payload): readonly Signal[] {
  const object = optionalText(event, 'object_type') ?? 'customer';
  const word = `${object} ${textField(event, 'metric')}`;
  const kind = rowOf(KINDS, word);
  const data = partOf(event, 'data');
  const address = addressIn(data, object);
  if (kind === undefined && address === undefined) return [];
  const signal: Signal = {
    kind: kind ?? 'ignored',
    scope: 'all',
    email: parseEmailAddress(address),
    eventKey: textField(event, 'event_id'),
    occurredAt: unixSeconds(event.timestamp, 'timestamp'),
    confidence: 'exact',
  };
  return word === PREFERENCES ? preferencesOf(data, signal) : [signal];
}

/** The `recipient` of a text message or push notification is not an address. */
function addressIn(data: Payload, object: string): string | undefined {
  const recipient = object === 'email' ? optionalText(data, 'recipient') : undefined;
  return recipient ?? optionalText(data, 'email_address') ?? optionalText(partOf(data, 'identifiers'), 'email');
}

/** `content` is JSON in a string: `{"topics":{"topic_7":false},"channels":{"email":false}}`. */
function preferencesOf(data: Payload, signal: Signal): readonly Signal[] {
  const content = objectOf(jsonOf(Buffer.from(textField(data, 'content'))), 'content');
  const off = Object.entries(partOf(content, 'topics')).filter(([topic, isOn]) => topic !== '' && isOn === false);
  const fromTopics = off.map(([list]) => ({ ...signal, scope: { list }, eventKey: `${signal.eventKey} ${list}` }));
  const fromAll = partOf(content, 'channels').email === false ? [signal] : [];
  const signals = [...fromAll, ...fromTopics];
  return signals.length === 0 ? [{ ...signal, kind: 'resubscribe' }] : signals;
}
