import { hash } from 'node:crypto';
import { parseEmailAddress } from '../core/model/email-address.ts';
import type { Signal } from '../core/model/signal.ts';
import { jsonOf, objectOf, optionalText, partOf, unixSeconds } from '../core/payload/fields.ts';
import type { RawRequest } from '../core/payload/http.ts';
import { readHubSpotEvents } from '../core/readers/hubspot-events.ts';
import type { HubSpotAccount } from '../core/verify/hubspot-signature.ts';
import { hubspotSignature } from '../core/verify/hubspot-signature.ts';
import type { Source } from '../core/verify/source.ts';

/**
 * HubSpot itself: the webhooks of an app, whose events hold a contact id but no address, and the webhooks of workflows, each
 * with one contact, if `workflows` is set. The secret is the app's client secret. The app must belong to the same account as
 * the relay's token, which is checked if `portalId` is set.
 * Events: https://developers.hubspot.com/docs/guides/crm/private-apps/webhooks
 * Workflows: https://knowledge.hubspot.com/workflows/how-do-i-use-webhooks-with-hubspot-workflows
 * Signature: https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation
 */
export function hubspot({ portalId, workflows = false }: HubSpotAccount = {}): Source {
  return {
    name: 'hubspot',
    scheme: 'signature',

    verify: hubspotSignature({ workflows }),
    read(request) {
      const body = jsonOf(request.body);
      if (Array.isArray(body)) return readHubSpotEvents(body, portalId);
      return { signals: [inWorkflow(body, request)], unreadable: [] };
    },
  };
}

/** Every call by a workflow is an opt-out, whatever enrolled the contact. */
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
