import { parseEmailAddress } from '../core/model/email-address.ts';
import type { Kind, Signal } from '../core/model/signal.ts';
import type { Payload } from '../core/payload/fields.ts';
import { arrayOf, jsonOf, objectOf, rowOf, textField, textOf, unixSeconds } from '../core/payload/fields.ts';
import type { RawRequest } from '../core/payload/http.ts';
import { mediaType } from '../core/payload/http.ts';
import { hmac } from '../core/verify/hmac.ts';
import type { Source } from '../core/verify/source.ts';
import { readEach } from '../core/verify/source.ts';

/**
 * Mailtrap's webhooks for email sending, in either payload format: JSON or JSON Lines. The secret is the webhook's
 * signing secret.
 * Events: https://docs.mailtrap.io/email-api-smtp/advanced/webhooks
 * Signature: https://docs.mailtrap.io/email-api-smtp/advanced/webhooks#webhook-signature-verification
 */
export const mailtrap: Source = {
  name: 'mailtrap',
  scheme: 'signature',

  verify: hmac({ header: 'mailtrap-signature', encoding: 'hex' }),
  read: (request) => readEach(eventsIn(request), signalsOf),
};

const KINDS: Readonly<Record<string, Kind>> = {
  unsubscribe: 'opt_out',
  spam: 'complaint',
  bounce: 'hard_bounce',
  'soft bounce': 'soft_bounce', // with a space
  reject: 'suppressed', // on the suppression list, or the domain was not verified in time
};

const JSON_LINES = new Set(['application/jsonl', 'application/x-ndjson']);

function eventsIn(request: RawRequest): readonly unknown[] {
  if (!JSON_LINES.has(mediaType(request))) return arrayOf(objectOf(jsonOf(request.body), 'the body').events, 'events');
  const lines = textOf(request.body).split('\n');
  return lines.filter((line) => line.trim() !== '').map(eventIn);
}

/** A line that is not JSON is one unreadable event and does not affect the other lines. */
function eventIn(line: string): unknown {
  try {
    return jsonOf(Buffer.from(line));
  } catch {
    return undefined;
  }
}

function signalsOf(event: Payload): readonly Signal[] {
  const kind = rowOf(KINDS, textField(event, 'event'));
  if (kind === undefined && typeof event.email !== 'string') return []; // activity_log.user.updated
  return [
    {
      kind: kind ?? 'ignored',
      scope: 'all',
      email: parseEmailAddress(event.email),
      eventKey: textField(event, 'event_id'),
      occurredAt: unixSeconds(event.timestamp, 'timestamp'),
      confidence: 'exact',
    },
  ];
}
