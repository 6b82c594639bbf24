import { Unreadable } from '../model/errors.ts';
import type { Kind } from '../model/signal.ts';
import type { Payload } from '../payload/fields.ts';
import { jsonOf, objectOf, optionalText, rowOf } from '../payload/fields.ts';
import type { Source } from '../verify/source.ts';
import { signedHeaders } from '../verify/standard-webhooks.ts';
import type { FieldMap } from './field-map.ts';
import { readSubmission } from './form-submission.ts';

/** The fields of the payload that `functions/sources/standard-webhooks.ts` documents. */
const FIELDS: FieldMap = { email: 'data.email', list: 'data.list', time: 'timestamp' };

/** Names of the field that holds the type of the event. The specification recommends the first. */
const TYPE_FIELDS = ['type', 'eventName', 'eventType', 'event_type', 'event'];

/** By the last words of the type, in lower case and without separators. */
const KINDS: Readonly<Record<string, Kind>> = {
  optout: 'opt_out',
  optedout: 'opt_out',
  unsubscribe: 'opt_out',
  unsubscribed: 'opt_out',
  complaint: 'complaint',
  complained: 'complaint',
  spamreported: 'complaint', // Loops
  hardbounce: 'hard_bounce',
  hardbounced: 'hard_bounce',
  softbounce: 'soft_bounce',
  softbounced: 'soft_bounce',
  suppressed: 'suppressed',
  resubscribe: 'resubscribe',
  resubscribed: 'resubscribe',
  subscribed: 'resubscribe',
  test: 'test',
};

/** More than any row has. */
const MAX_WORDS = 5;

/** Who leaves one of these has not left email. */
const OTHER_CHANNELS: ReadonlySet<string> = new Set(['sms', 'mms', 'push', 'phone', 'whatsapp']);

/**
 * Makes a reader for signed events. The end of the type determines the kind, unless the map names an `optOut` field. The event
 * key is the id of the message, and the signed time replaces a missing one. An event that asks for nothing and has no address
 * gives no signal.
 */
export function standardWebhooksReading(fields: FieldMap): Source['read'] {
  const map = { ...FIELDS, ...fields };
  return (request) => {
    const event = objectOf(jsonOf(request.body), 'the body');
    const { id, timestamp } = signedHeaders(request);
    const kind = fields.optOut === undefined ? kindOf(event) : 'opt_out';
    return readSubmission({ request, kind, places: [event], emails: [], id, time: timestamp }, map);
  };
}

function kindOf(event: Payload): Kind {
  const [type] = TYPE_FIELDS.map((name) => optionalText(event, name)).filter((text) => text !== undefined);
  if (type === undefined) throw new Unreadable('type is missing');
  const words = type
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/)
    .slice(-MAX_WORDS);
  if (words.some((word) => OTHER_CHANNELS.has(word))) return 'ignored';
  const ends = words.map((_word, at) => words.slice(at).join(''));
  return ends.map((end) => rowOf(KINDS, end)).find((kind) => kind !== undefined) ?? 'ignored';
}
