import type { Kind, Signal } from '../core/model/signal.ts';
import type { Payload } from '../core/payload/fields.ts';
import { jsonOf, objectOf, optionalText, partOf, rowOf, textField } from '../core/payload/fields.ts';
import type { RawRequest } from '../core/payload/http.ts';
import { parseJson } from '../core/payload/json.ts';
import { hardBounceKind } from '../core/readers/sender-bounce.ts';
import type { SenderEvent } from '../core/readers/sender-event.ts';
import { readEvent } from '../core/readers/sender-event.ts';
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
  read: (request) => readEach([request], () => signalsOf(objectOf(jsonOf(request.body), 'the body'), request)),
};

const KINDS: Readonly<Record<string, Kind>> = {
  'customer unsubscribed': 'opt_out',
  'customer subscribed': 'resubscribe',
  'email unsubscribed': 'opt_out',
  'email spammed': 'complaint',
  'email bounced': 'hard_bounce', // unless `failure_message`, the receiving server's reply, is about anything but the address
  'email deferred': 'soft_bounce',
  'email dropped': 'suppressed',
  'email suppressed': 'suppressed',
};

function signalsOf(event: Payload, request: RawRequest): readonly Signal[] {
  const object = optionalText(event, 'object_type')?.toLowerCase() ?? 'customer';
  const word = `${object} ${textField(event, 'metric').toLowerCase()}`;
  const data = partOf(event, 'data');
  const kind = rowOf(KINDS, word);
  const common: SenderEvent = {
    kind: kind === 'hard_bounce' ? hardBounceKind({ reply: [data.failure_message] }) : kind,
    address: addressIn(data, object),
    times: [event.timestamp],
    id: optionalText(event, 'event_id'),
    key: [word],
  };
  const isPreferences = word === 'customer cio_subscription_preferences_changed';
  return isPreferences ? preferencesOf(data, common, request) : readEvent(common, request);
}

/** The `recipient` of a text message or push notification is not an address. */
function addressIn(data: Payload, object: string): string | undefined {
  const recipient = object === 'email' ? optionalText(data, 'recipient') : undefined;
  return recipient ?? optionalText(data, 'email_address') ?? optionalText(partOf(data, 'identifiers'), 'email');
}

/**
 * `content` is JSON in a string: `{"topics":{"topic_7":false},"channels":{"email":false}}`. It holds the state of every topic,
 * so a topic that is off may have been off before. Only if all of them are off, the person has left all.
 */
function preferencesOf(data: Payload, common: SenderEvent, request: RawRequest): readonly Signal[] {
  const { content } = data;
  const preferences = objectOf(typeof content === 'string' ? parseJson(content) : content, 'content');
  const states = Object.entries(partOf(preferences, 'topics')).filter(([topic]) => topic !== '');
  const off = states.filter(([, isOn]) => isOff(isOn)).map(([topic]) => topic);
  const isChannelOff = isOff(partOf(preferences, 'channels').email);
  if (off.length === 0 && !isChannelOff) return readEvent({ ...common, kind: 'resubscribe' }, request);
  const snapshot = off.length < states.length ? { isSnapshot: true as const } : {};
  return readEvent({ ...common, kind: 'opt_out' }, request).flatMap((signal) => [
    ...(isChannelOff ? [signal] : []),
    ...off.map((list) => ({ ...signal, scope: { list }, eventKey: `${signal.eventKey} ${list}`, ...snapshot })),
  ]);
}

const isOff = (state: unknown): boolean => String(state).toLowerCase() === 'false';
