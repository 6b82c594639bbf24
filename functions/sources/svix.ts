import type { Source } from '../core/verify/source.ts';
import { standardWebhooksReading, standardWebhooksSignature } from '../core/verify/standard-webhooks.ts';

/**
 * Any sender whose webhooks Svix delivers with Svix's header names. The secret is the endpoint's signing secret, `whsec_…`.
 * Svix does not define the payload. The relay expects the same one as for `standard-webhooks`:
 * `{"type": "contact.unsubscribed", "timestamp": "<ISO 8601>", "data": {"email": "ada@example.com", "list": "news"}}`.
 * Delivery: https://docs.svix.com/receiving/introduction
 * Signature: https://docs.svix.com/receiving/verifying-payloads/how-manual
 */
export const svix: Source = {
  name: 'svix',
  scheme: 'signature',

  verify: standardWebhooksSignature('svix'),
  read: standardWebhooksReading('svix'),
};
