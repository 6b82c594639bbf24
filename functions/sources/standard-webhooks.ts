import type { Source } from '../core/verify/source.ts';
import { standardWebhooksReading, standardWebhooksSignature } from '../core/verify/standard-webhooks.ts';

/**
 * Any sender that signs by Standard Webhooks, your own systems among them. The secret is `whsec_…`, or `whpk_…` where the
 * sender signs with a private key. The specification leaves the payload open; ours:
 * `{"type": "contact.unsubscribed", "timestamp": "<ISO 8601>", "data": {"email": "ada@example.com", "list": "news"}}`.
 * The last word of `type` decides; `timestamp` and `list` are optional.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export const standardWebhooks: Source = {
  name: 'standard-webhooks',
  scheme: 'signature',

  verify: standardWebhooksSignature('webhook'),
  read: standardWebhooksReading('webhook'),
};
