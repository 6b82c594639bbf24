import type { Kind, Signal } from '../core/model/signal.ts';
import { closestRow } from '../core/payload/closest-row.ts';
import type { Payload } from '../core/payload/fields.ts';
import { eventsOf, isObject, objectOf, optionalText, partOf, textField } from '../core/payload/fields.ts';
import type { HttpResponse, RawRequest } from '../core/payload/http.ts';
import { jsonResponse } from '../core/payload/http.ts';
import { hardBounceKind } from '../core/readers/sender-bounce.ts';
import { readEvent } from '../core/readers/sender-event.ts';
import { sharedSecret } from '../core/verify/shared-secret.ts';
import type { Handshake, Source } from '../core/verify/source.ts';
import { readEach } from '../core/verify/source.ts';

/**
 * Azure Communication Services' delivery reports, through an Event Grid subscription in the Event Grid schema or the
 * CloudEvents schema. Event Grid does not sign its requests. The secret is the value of `?key=` in the webhook's URL.
 * Events: https://learn.microsoft.com/azure/event-grid/communication-services-email-events
 * Handshakes: https://learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema
 */
export const azureCommunication: Source = {
  name: 'azure-communication',
  scheme: 'shared-secret',

  verify: sharedSecret,
  handshake,
  onOptions,
  read: (request) => readEach(eventsOf(request.body), (event) => signalsOf(event, request)),
};

/** By `data.status` of a delivery report. */
const KINDS: Readonly<Record<string, Kind>> = {
  bounced: 'hard_bounce', // but see kindOf
  suppressed: 'suppressed', // bounced before, or on the suppression list
  failed: 'soft_bounce',
  filteredspam: 'soft_bounce', // classified by a filter, not a complaint
  quarantined: 'soft_bounce',
};

const REPORT = 'microsoft.communication.emaildeliveryreportreceived';
const HANDSHAKE = 'microsoft.eventgrid.subscriptionvalidationevent';

/** The Event Grid schema has `eventType` and `eventTime`; the CloudEvents schema has `type` and `time`. */
function typeOf(event: Payload): string {
  return textField(event, event.eventType === undefined ? 'type' : 'eventType').toLowerCase();
}

function handshake({ body }: RawRequest): Handshake | undefined {
  const typeIn = (event: Payload) => optionalText(event, 'eventType')?.toLowerCase();
  const found = eventsOf(body)
    .filter(isObject)
    .find((event) => typeIn(event) === HANDSHAKE);
  if (!found) return undefined;
  const code = textField(objectOf(found.data, 'data'), 'validationCode');
  return { response: jsonResponse(200, { validationResponse: code }) };
}

/** Event Grid's handshake for the CloudEvents schema: https://github.com/cloudevents/spec/blob/main/cloudevents/http-webhook.md */
function onOptions({ headers }: RawRequest): HttpResponse {
  const origin = headers['webhook-request-origin'] ?? '';
  if (!/^[\w.-]+$/.test(origin)) return { status: 200 };
  return { status: 200, headers: { 'webhook-allowed-origin': origin, 'webhook-allowed-rate': '*' } };
}

function signalsOf(event: Payload, request: RawRequest): readonly Signal[] {
  const data = partOf(event, 'data');
  const reported = {
    kind: typeOf(event) === REPORT ? kindOf(data) : undefined,
    address: data.recipient, // may be missing in opens and clicks
    times: [event.eventTime, event.time],
    id: optionalText(event, 'id'),
    key: [optionalText(data, 'messageId'), optionalText(data, 'status')],
  };
  return readEvent(reported, request);
}

function kindOf(data: Payload): Kind | undefined {
  const kind = closestRow(KINDS, [textField(data, 'status')]);
  const { statusMessage } = partOf(data, 'deliveryStatusDetails');
  return kind === 'hard_bounce' ? hardBounceKind({ reply: [statusMessage], isClassified: true }) : kind;
}
