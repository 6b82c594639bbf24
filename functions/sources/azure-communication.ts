import { parseEmailAddress } from '../core/model/email-address.ts';
import type { Kind, Signal } from '../core/model/signal.ts';
import type { Payload } from '../core/payload/fields.ts';
import {
  arrayOf,
  isObject,
  isoTime,
  jsonOf,
  objectOf,
  optionalText,
  rowOf,
  textField,
} from '../core/payload/fields.ts';
import type { RawRequest } from '../core/payload/http.ts';
import { jsonResponse } from '../core/payload/http.ts';
import { sharedSecret } from '../core/verify/shared-secret.ts';
import type { Handshake, Source } from '../core/verify/source.ts';
import { readEach } from '../core/verify/source.ts';

/**
 * Azure Communication Services' delivery reports, through an Event Grid subscription in the Event Grid schema. Event Grid does
 * not sign its requests. The secret is the value of `?key=` in the webhook's URL.
 * Events: https://learn.microsoft.com/azure/event-grid/communication-services-email-events
 * Handshake: https://learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema
 */
export const azureCommunication: Source = {
  name: 'azure-communication',
  scheme: 'shared-secret',

  verify: sharedSecret,
  handshake,
  read: (request) => readEach(eventsIn(request), signalsOf),
};

/** By `data.status` of a delivery report. */
const KINDS: Readonly<Record<string, Kind>> = {
  Bounced: 'hard_bounce',
  Suppressed: 'suppressed', // bounced before, or on the suppression list
  Failed: 'soft_bounce',
  FilteredSpam: 'soft_bounce', // classified by a filter, not a complaint
  Quarantined: 'soft_bounce',
};

const REPORT = 'Microsoft.Communication.EmailDeliveryReportReceived';
const HANDSHAKE = 'Microsoft.EventGrid.SubscriptionValidationEvent';

function handshake(request: RawRequest): Handshake | undefined {
  const handshake = eventsIn(request).find((event) => isObject(event) && event.eventType === HANDSHAKE);
  if (!isObject(handshake)) return undefined;
  return {
    response: jsonResponse(200, { validationResponse: textField(objectOf(handshake.data, 'data'), 'validationCode') }),
  };
}

function eventsIn({ body }: RawRequest): readonly unknown[] {
  return arrayOf(jsonOf(body), 'the body');
}

function signalsOf(event: Payload): readonly Signal[] {
  const word = textField(event, 'eventType');
  const data = isObject(event.data) ? event.data : {};
  const kind = word === REPORT ? rowOf(KINDS, textField(data, 'status')) : undefined;
  if (kind === undefined && optionalText(data, 'recipient') === undefined) return []; // opens and clicks may have no recipient
  return [
    {
      kind: kind ?? 'ignored',
      scope: 'all',
      email: parseEmailAddress(data.recipient),
      eventKey: textField(event, 'id'),
      occurredAt: isoTime(event.eventTime, 'eventTime'),
      confidence: 'exact',
    },
  ];
}
