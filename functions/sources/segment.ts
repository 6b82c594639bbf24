import { Unauthenticated, Unreadable } from '../core/model/errors.ts';
import type { Kind, Signal } from '../core/model/signal.ts';
import type { Payload } from '../core/payload/fields.ts';
import { jsonOf, objectOf, optionalText, partOf, rowOf, textField } from '../core/payload/fields.ts';
import type { RawRequest } from '../core/payload/http.ts';
import { readEvent } from '../core/readers/sender-event.ts';
import { hmac } from '../core/verify/hmac.ts';
import type { Source } from '../core/verify/source.ts';

/**
 * Segment's Webhooks (Actions) destination, one event a request. The secret is the destination's shared secret.
 * Events: https://www.twilio.com/docs/segment/connections/spec/email
 * Signature: https://www.twilio.com/docs/segment/connections/destinations/catalog/actions-webhook
 */
export const segment: Source = {
  name: 'segment',
  scheme: 'signature',

  verify(request, secrets, world) {
    try {
      return signature(request, secrets, world);
    } catch (error) {
      throw isBatch(request.body) ? new Unauthenticated(NO_BATCHES) : error;
    }
  },

  read(request) {
    if (isBatch(request.body)) throw new Unreadable(NO_BATCHES);
    return { signals: signalsOf(objectOf(jsonOf(request.body), 'the body'), request), unreadable: [] };
  },
};

const signature = hmac({ header: 'x-signature', hash: 'sha1', encoding: 'hex' });

/** By the lower-cased name of a `track` call. */
const KINDS: Readonly<Record<string, Kind>> = {
  unsubscribed: 'opt_out', // from `list_id`, if present
  'email marked as spam': 'complaint',
  'email unsubscribed': 'opt_out', // the name that Customer.io sends
  'email bounced': 'soft_bounce', // could not be delivered, for whatever reason: the specification has no hard bounce
};

const NO_BATCHES = 'Segment signs only the first event of a batch: turn batching off in Segment';

/** Inspects only the first bytes, so that no unverified body is parsed. */
function isBatch(body: Uint8Array): boolean {
  return /^\s*(?:\[|\{\s*"batch"\s*:)/.test(Buffer.from(body.subarray(0, 64)).toString('latin1'));
}

function signalsOf(event: Payload, request: RawRequest): readonly Signal[] {
  const isTrack = textField(event, 'type').toLowerCase() === 'track';
  const name = isTrack ? textField(event, 'event').toLowerCase() : '';
  const kind = rowOf(KINDS, name);
  const properties = partOf(event, 'properties');
  const list = kind === 'opt_out' ? optionalText(properties, 'list_id') : undefined;
  return readEvent(
    {
      kind,
      scope: list === undefined ? 'all' : { list },
      address: optionalText(partOf(partOf(event, 'context'), 'traits'), 'email') ?? optionalText(properties, 'email'),
      times: [event.timestamp, event.originalTimestamp],
      id: optionalText(event, 'messageId'),
      key: [name, list],
    },
    request,
  );
}
