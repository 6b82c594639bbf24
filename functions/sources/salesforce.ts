import { Unauthenticated } from '../core/model/errors.ts';
import type { Signal } from '../core/model/signal.ts';
import type { Payload } from '../core/payload/fields.ts';
import { objectOf, optionalText } from '../core/payload/fields.ts';
import type { RawRequest } from '../core/payload/http.ts';
import type { XmlElement } from '../core/payload/xml.ts';
import { childOf, childrenOf, xmlOf } from '../core/payload/xml.ts';
import { signalsOfRecord } from '../core/readers/salesforce.ts';
import { sharedSecret } from '../core/verify/shared-secret.ts';
import type { Source } from '../core/verify/source.ts';
import { readEach } from '../core/verify/source.ts';
import { sameText } from '../core/verify/verify.ts';

/**
 * Salesforce's outbound message about a contact, lead or person account, with the fields `Email`, `HasOptedOutOfEmail` and
 * `SystemModstamp`. It is not signed. The secret is `<key>`, the value of `?key=` in the endpoint URL, or
 * `<organization id>:<key>` to accept messages of that organization only.
 * Message: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_om_outboundmessaging.htm
 */
export const salesforce: Source = {
  name: 'salesforce',
  scheme: 'shared-secret',

  verify(request, secrets, world) {
    sharedSecret(request, secrets.map(keyOf), world); // before anything is parsed
    const isRestricted = secrets.some((secret) => organizationIn(secret) !== undefined);
    const sender = isRestricted ? senderOf(request) : undefined;
    const matching = secrets.filter((secret) => isFor(sender, secret));
    if (matching.length === 0) throw new Unauthenticated('the message is not from the configured organization');
    return sharedSecret(request, matching.map(keyOf), world);
  },

  read(request) {
    const events = childrenOf(childOf(xmlOf(request.body), 'Body', 'notifications'), 'Notification').map(eventOf);
    return readEach(events, (event) => signalsOf(event, request));
  },

  onSuccess: {
    status: 200,
    headers: { 'content-type': 'text/xml; charset=utf-8' },
    body: '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse></soapenv:Body></soapenv:Envelope>',
  },
};

function signalsOf(event: Payload, request: RawRequest): readonly Signal[] {
  const fields = objectOf(event.sObject, 'sObject');
  const [id, record] = [optionalText(event, 'Id'), optionalText(fields, 'Id')];
  return signalsOfRecord(fields, { id, key: [record], times: [fields.SystemModstamp] }, request);
}

function eventOf(notification: XmlElement): Payload {
  return { ...fieldsOf(notification), sObject: childrenOf(notification, 'sObject').map(fieldsOf)[0] };
}

const fieldsOf = ({ children }: XmlElement): Payload =>
  Object.fromEntries(children.map(({ name, text }) => [name, text.trim()]));

const keyOf = (secret: string): string => secret.trim().replace(/^00D\w{12}(?:\w{3})?:/, '');

/** The last three characters of an 18-character id are a checksum of the capitals in the first 15. */
const organizationIn = (secret: string): string | undefined => /^00D\w{12}(?=(?:\w{3})?:)/.exec(secret.trim())?.[0];

function isFor(sender: string | undefined, secret: string): boolean {
  const organization = organizationIn(secret);
  return organization === undefined || (sender !== undefined && sameText(sender, organization));
}

/** The organization's id in a message. Returns undefined for an unreadable message, which proves nothing. */
function senderOf({ body }: RawRequest): string | undefined {
  try {
    const { text } = childOf(xmlOf(body), 'Body', 'notifications', 'OrganizationId');
    return text.trim().slice(0, 15);
  } catch {
    return undefined;
  }
}
