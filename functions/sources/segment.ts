import { parseEmailAddress } from '../core/model/email-address.ts';
import { Unauthenticated, Unreadable } from '../core/model/errors.ts';
import type { Kind, Signal } from '../core/model/signal.ts';
import type { Payload } from '../core/payload/fields.ts';
import { isoTime, jsonOf, objectOf, optionalText, partOf, rowOf, textField } from '../core/payload/fields.ts';
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
    return { signals: signalsOf(objectOf(jsonOf(request.body), 'the body')), unreadable: [] };
  },
};

const signature = hmac({ header: 'x-signature', hash: 'sha1', encoding: 'hex' });

/** By the lower-cased name of a `track` call. */
const KINDS: Readonly<Record<string, Kind>> = {
  unsubscribed: 'opt_out', // from `list_id`, if present
  'email marked as spam': 'complaint',
  'email bounced': 'hard_bounce',
};

const NO_BATCHES = 'Segment signs only the first event of a batch: turn batching off in Segment';

/** Inspects only the first bytes, so that no unverified body is parsed. */
function isBatch(body: Uint8Array): boolean {
  return /^\s*(?:\[|\{\s*"batch"\s*:)/.test(Buffer.from(body.subarray(0, 64)).toString('latin1'));
}

function signalsOf(event: Payload): readonly Signal[] {
  const name = textField(event, 'type') === 'track' ? textField(event, 'event') : '';
  const kind = rowOf(KINDS, name.toLowerCase());
  const properties = partOf(event, 'properties');
  const address =
    optionalText(partOf(partOf(event, 'context'), 'traits'), 'email') ?? optionalText(properties, 'email');
  if (kind === undefined && address === undefined) return [];
  const list = kind === 'opt_out' ? optionalText(properties, 'list_id') : undefined;
  return [
    {
      kind: kind ?? 'ignored',
      scope: list === undefined ? 'all' : { list },
      email: parseEmailAddress(address),
      eventKey: textField(event, 'messageId'),
      occurredAt: isoTime(event.timestamp, 'timestamp'),
      confidence: 'exact',
    },
  ];
}
