import type { FieldMap } from '../core/readers/field-map.ts';
import { standardWebhooksReading } from '../core/readers/standard-webhooks.ts';
import type { Source } from '../core/verify/source.ts';
import { standardWebhooksSignature } from '../core/verify/standard-webhooks.ts';

/**
 * Any sender that signs by the Standard Webhooks specification, such as your own systems. The secret is `whsec_…`, or `whpk_…`
 * if the sender signs with a private key. The specification does not define the payload. The relay expects:
 * `{"type": "contact.unsubscribed", "timestamp": "<ISO 8601>", "data": {"email": "ada@example.com", "list": "news"}}`.
 * The end of `type` determines the kind. `timestamp` and `list` are optional. The field map names the fields of another payload.
 * Specification: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function standardWebhooks(fields: FieldMap = {}): Source {
  return {
    name: 'standard-webhooks',
    scheme: 'signature',

    verify: standardWebhooksSignature,
    read: standardWebhooksReading(fields),
  };
}
