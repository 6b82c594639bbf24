import type { FieldMap } from '../core/readers/field-map.ts';
import { standardWebhooksReading } from '../core/readers/standard-webhooks.ts';
import type { Source } from '../core/verify/source.ts';
import { standardWebhooksSignature } from '../core/verify/standard-webhooks.ts';

/**
 * Any sender whose webhooks Svix delivers, with the header names of Svix or of Standard Webhooks. The secret is the endpoint's
 * signing secret, `whsec_…`. Svix does not define the payload. The relay expects the same one as for `standard-webhooks`:
 * `{"type": "contact.unsubscribed", "timestamp": "<ISO 8601>", "data": {"email": "ada@example.com", "list": "news"}}`.
 * The field map names the fields of another payload.
 * Delivery: https://docs.svix.com/receiving/introduction
 * Signature: https://docs.svix.com/receiving/verifying-payloads/how-manual
 */
export function svix(fields: FieldMap = {}): Source {
  return {
    name: 'svix',
    scheme: 'signature',

    verify: standardWebhooksSignature,
    read: standardWebhooksReading(fields),
  };
}
