import { hash } from 'node:crypto';
import { parseEmailAddress } from '../core/model/email-address.ts';
import type { Signal } from '../core/model/signal.ts';
import { jsonOf, objectOf, optionalText, partOf, unixSeconds } from '../core/payload/fields.ts';
import type { RawRequest } from '../core/payload/http.ts';
import { readHubSpotEvents } from '../core/readers/hubspot-events.ts';
import { hubspotSignature } from '../core/verify/hubspot-signature.ts';
import type { Source } from '../core/verify/source.ts';

/**
 * HubSpot itself: an app's webhooks, whose events name a contact but no address, and workflows' webhooks, each with one
 * contact in it. The secret is the app's client secret; the app must be of the account that the relay's token is of, which
 * is checked where its `portalId` is known.
 * Events: https://developers.hubspot.com/docs/guides/crm/private-apps/webhooks
 * Workflows: https://knowledge.hubspot.com/workflows/how-do-i-use-webhooks-with-hubspot-workflows
 * Signature: https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation
 */
export function hubspot({ portalId }: { readonly portalId?: string } = {}): Source {
  return {
    name: 'hubspot',
    scheme: 'signature',

    verify: hubspotSignature,
    read(request) {
      const body = jsonOf(request.body);
      if (Array.isArray(body)) return readHubSpotEvents(body, portalId);
      return { signals: [inWorkflow(body, request)], unreadable: [] };
    },
  };
}

/** A workflow that calls this URL means an opt-out, whatever made the contact enter it. */
function inWorkflow(contact: unknown, { body, receivedAt }: RawRequest): Signal {
  const properties = partOf(objectOf(contact, 'the body'), 'properties');
  const modified = optionalText(partOf(properties, 'lastmodifieddate'), 'value');
  return {
    kind: 'opt_out',
    scope: 'all',
    email: parseEmailAddress(partOf(properties, 'email').value),
    eventKey: hash('sha256', body, 'base64url'),
    occurredAt: modified === undefined ? receivedAt : unixSeconds(Number(modified) / 1000, 'lastmodifieddate'),
    confidence: 'exact',
  };
}
