import { hash } from 'node:crypto';
import type { ContactId } from '../core/contact-id.ts';
import { parseContactId } from '../core/contact-id.ts';
import { parseEmailAddress } from '../core/email-address.ts';
import type { RawRequest } from '../core/http.ts';
import { hubspotSignature } from '../core/hubspot-signature.ts';
import type { Payload } from '../core/payload.ts';
import { jsonOf, objectOf, optionalText, partOf, rowOf, textField, unixSeconds } from '../core/payload.ts';
import type { Kind, Reading, Signal, Source } from '../core/source.ts';
import { readEach } from '../core/source.ts';

/**
 * HubSpot itself: an app's webhooks, whose events name a contact but no address, and workflows' webhooks, each with one
 * contact in it. The secret is the app's client secret; the app must be of the account that the relay's token is of.
 * Events: https://developers.hubspot.com/docs/guides/crm/private-apps/webhooks
 * Workflows: https://knowledge.hubspot.com/workflows/how-do-i-use-webhooks-with-hubspot-workflows
 * Signature: https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation
 */
export const hubspot: Source = {
  name: 'hubspot',
  proof: 'signature',

  verify: hubspotSignature,
  read(request) {
    const body = jsonOf(request.body);
    return Array.isArray(body) ? readBatch(body) : { signals: [inWorkflow(body, request)], unreadable: [] };
  },
};

/** What it means that a property of a contact becomes this; `*` is whatever is not named. */
const KINDS: Readonly<Record<string, Readonly<Record<string, Kind>>>> = {
  hs_email_optout: { true: 'opt_out', false: 'resubscribe', '': 'resubscribe' }, // and hs_email_optout_<list>
  hs_email_bad_address: { true: 'hard_bounce', false: 'resubscribe', '': 'resubscribe' },
  hs_email_hard_bounce_reason_enum: { UNKNOWN_USER: 'hard_bounce', '': 'resubscribe', '*': 'soft_bounce' },
};

/** `eventId` is not unique; these together are, and the same in a retry. */
const KEY = ['portalId', 'subscriptionId', 'objectId', 'propertyName', 'propertyValue', 'occurredAt'];

function readBatch(events: readonly unknown[]): Reading {
  const forget: ContactId[] = [];
  const reading = readEach(events, (event) => {
    const word = optionalText(event, 'subscriptionType') ?? textField(event, 'eventType');
    if (!(word.startsWith('contact.') || event.objectTypeId === '0-1')) return []; // about a company
    if (!word.endsWith('.privacyDeletion')) return signalsOf(event, word.endsWith('.propertyChange'));
    forget.push(parseContactId(event.objectId));
    return [];
  });
  return forget.length > 0 ? { ...reading, forget } : reading;
}

function signalsOf(event: Payload, isChange: boolean): readonly Signal[] {
  if (!(isChange || event.objectId)) return []; // about two contacts
  return [
    {
      ...(isChange && !isOwn(event) ? saidBy(event) : { kind: 'ignored', scope: 'all' }),
      contactId: parseContactId(event.objectId),
      eventKey: KEY.map((name) => optionalText(event, name) ?? '').join(' '),
      occurredAt: unixSeconds(Number(textField(event, 'occurredAt')) / 1000, 'occurredAt'),
      confidence: 'exact',
    },
  ];
}

function saidBy(event: Payload): Pick<Signal, 'kind' | 'scope'> {
  const [name = '', value = ''] = ['propertyName', 'propertyValue'].map((field) => optionalText(event, field));
  const [, list] = /^hs_email_optout_(\d+)$/.exec(name) ?? [];
  const kinds = rowOf(KINDS, list === undefined ? name : 'hs_email_optout') ?? {};
  return { kind: rowOf(kinds, value) ?? kinds['*'] ?? 'ignored', scope: list === undefined ? 'all' : { list } };
}

/** Made by a program, perhaps the relay; `sourceId` names the app, and the opt-outs that other apps make are heard. */
function isOwn(event: Payload): boolean {
  const [by = '', app, source = app] = ['changeSource', 'appId', 'sourceId'].map((name) => optionalText(event, name));
  return /^(?:API|INTEGRATION)$/.test(by) && source === app;
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
