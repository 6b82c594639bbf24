import { hash } from 'node:crypto';
import type { Signal } from '../core/model/signal.ts';
import { jsonOf, objectOf, partOf } from '../core/payload/fields.ts';
import type { RawRequest } from '../core/payload/http.ts';
import { readHubSpotEvents } from '../core/readers/hubspot-events.ts';
import { readEvent } from '../core/readers/sender-event.ts';
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
      if (Array.isArray(body)) return readHubSpotEvents(body, { portalId, receivedAt: request.receivedAt });
      return { signals: inWorkflow(body, request), unreadable: [] };
    },
  };
}

/**
 * Every call by a workflow is an opt-out, whatever enrolled the contact. The body holds all properties of the contact, each with
 * its value, or the properties that were chosen in the workflow.
 */
function inWorkflow(body: unknown, request: RawRequest): readonly Signal[] {
  const contact = objectOf(body, 'the body');
  const properties = partOf(contact, 'properties');
  const [email, modified] = [partOf(properties, 'email'), partOf(properties, 'lastmodifieddate')];
  return readEvent(
    {
      kind: 'opt_out',
      address: email.value ?? properties.email ?? contact.email,
      times: [modified.value ?? properties.lastmodifieddate ?? contact.lastmodifieddate],
      key: [hash('sha256', request.body, 'base64url')],
    },
    request,
  );
}
