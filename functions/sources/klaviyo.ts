import { Unauthenticated } from '../core/model/errors.ts';
import type { Kind, Signal } from '../core/model/signal.ts';
import type { Payload } from '../core/payload/fields.ts';
import { arrayOf, isObject, jsonOf, objectOf, optionalText, partOf, textField } from '../core/payload/fields.ts';
import type { RawRequest } from '../core/payload/http.ts';
import { readEvent } from '../core/readers/sender-event.ts';
import { hmac } from '../core/verify/hmac.ts';
import type { Source } from '../core/verify/source.ts';
import { readEach } from '../core/verify/source.ts';
import { requiredHeader } from '../core/verify/verify.ts';

/**
 * Klaviyo's system webhooks. The secret is the `secret_key` the webhook was created with.
 * Events and signature: https://developers.klaviyo.com/en/docs/working_with_system_webhooks
 */
export const klaviyo: Source = {
  name: 'klaviyo',
  scheme: 'signature',
  // A thousand events with their profiles. Lambda's event of 6 MB has the body as a JSON string, where quotes take two bytes.
  maxBytes: 4_194_304,

  verify: hmac({
    header: 'klaviyo-signature',
    encoding: 'hex',
    signed: (request) => [request.body, requiredHeader(request, 'klaviyo-timestamp')],
  }),
  read(request) {
    const body = objectOf(jsonOf(request.body), 'the body');
    const isSigned = partOf(body, 'meta').klaviyo_webhook_id === requiredHeader(request, 'klaviyo-webhook-id');
    if (!isSigned) throw new Unauthenticated('klaviyo-webhook-id does not match the signed body'); // Klaviyo requires this check
    return readEach(arrayOf(body.data, 'data'), (event) => signalsOf(event, request));
  },
};

/** By the end of a topic. The beginning depends on the account. */
const KINDS: Readonly<Record<string, Kind>> = {
  unsubscribed_from_email_marketing: 'opt_out',
  unsubscribed_from_list: 'opt_out',
  marked_email_as_spam: 'complaint',
  bounced_email: 'soft_bounce', // or hard, by `Bounce Type`
  dropped_email: 'suppressed',
  manually_suppressed_from_email_marketing: 'suppressed', // by a user of the account
  manually_unsuppressed_from_email_marketing: 'resubscribe',
  subscribed_to_email_marketing: 'resubscribe',
  subscribed_to_list: 'resubscribe',
};

function signalsOf(event: Payload, request: RawRequest): readonly Signal[] {
  const topic = textField(event, 'topic')
    .toLowerCase()
    .replaceAll(/[^a-z]/g, '_');
  const words = Object.keys(KINDS).find((end) => `_${topic}`.endsWith(`_${end}`)) ?? '';
  const payload = partOf(event, 'payload');
  const attributes = partOf(partOf(payload, 'data'), 'attributes');
  const properties = partOf(attributes, 'event_properties');
  const isHard = words === 'bounced_email' && optionalText(properties, 'Bounce Type')?.toLowerCase() === 'hard';
  const isOfList = words === 'unsubscribed_from_list';
  const reported = {
    kind: isHard ? ('hard_bounce' as const) : KINDS[words],
    scope: isOfList ? { list: optionalText(properties, 'List') ?? 'unknown' } : ('all' as const),
    address: addressIn(payload, properties),
    times: [attributes.timestamp, attributes.datetime],
    id: optionalText(event, 'external_id'),
    key: [topic],
  };
  return readEvent(reported, request);
}

/** In the included profile, or else in the properties of the event. */
function addressIn({ included }: Payload, { email_address, email, ...properties }: Payload): unknown {
  const profiles = Array.isArray(included) ? included.filter(isObject).filter(({ type }) => type === 'profile') : [];
  const [profile = {}] = profiles;
  return partOf(profile, 'attributes').email || email_address || email || properties['Recipient Email Address'];
}
