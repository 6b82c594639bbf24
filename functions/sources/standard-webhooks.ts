import { parseEmailAddress } from '../core/email-address.ts';
import type { RawRequest } from '../core/http.ts';
import type { Payload } from '../core/payload.ts';
import { isObject, isoTime, jsonOf, objectOf, optionalText, rowOf, textField, unixSeconds } from '../core/payload.ts';
import { proofHeader } from '../core/proof.ts';
import type { Kind, Signal, Source } from '../core/source.ts';
import { standardWebhooksSignature } from '../core/standard-webhooks.ts';

/**
 * Any sender that signs by Standard Webhooks, your own systems among them. The specification leaves the payload open;
 * ours: `{"type": "contact.unsubscribed", "timestamp": "<ISO 8601>", "data": {"email": "ada@example.com", "list": "news"}}`.
 * The last word of `type` decides; `timestamp` and `list` are optional.
 */
export const standardWebhooks: Source = {
  name: 'standard-webhooks',
  proof: 'signature',

  verify: standardWebhooksSignature('webhook'),
  read(request) {
    const event = objectOf(jsonOf(request.body), 'the body');
    return { signals: signalsOf(event, request), unreadable: [] };
  },
};

const KINDS: Readonly<Record<string, Kind>> = {
  opt_out: 'opt_out',
  opted_out: 'opt_out',
  unsubscribe: 'opt_out',
  unsubscribed: 'opt_out',
  complaint: 'complaint',
  complained: 'complaint',
  hard_bounce: 'hard_bounce',
  hard_bounced: 'hard_bounce',
  soft_bounce: 'soft_bounce',
  soft_bounced: 'soft_bounce',
  suppressed: 'suppressed',
  resubscribe: 'resubscribe',
  resubscribed: 'resubscribe',
  test: 'test',
};

function signalsOf(event: Payload, request: RawRequest): readonly Signal[] {
  const word = textField(event, 'type').split('.').at(-1) ?? '';
  const kind = rowOf(KINDS, word.toLowerCase().replaceAll('-', '_'));
  const data = isObject(event.data) ? event.data : {};
  if ((kind === undefined || kind === 'test') && typeof data.email !== 'string') return []; // asks for nothing
  const list = optionalText(data, 'list');
  return [
    {
      kind: kind ?? 'ignored',
      scope: list === undefined ? 'all' : { list },
      email: parseEmailAddress(data.email),
      eventKey: proofHeader(request, 'webhook-id'),
      occurredAt:
        event.timestamp === undefined
          ? unixSeconds(proofHeader(request, 'webhook-timestamp'), 'webhook-timestamp')
          : isoTime(event.timestamp, 'timestamp'),
      confidence: 'exact',
    },
  ];
}
