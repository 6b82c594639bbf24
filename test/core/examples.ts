import type { HubSpotResponse, StatusReport, StatusRow } from '../../functions/core/delivery/hubspot.ts';
import { parseContactId } from '../../functions/core/model/contact-id.ts';
import type { EmailAddress } from '../../functions/core/model/email-address.ts';
import { parseEmailAddress } from '../../functions/core/model/email-address.ts';
import type { OptOut } from '../../functions/core/model/opt-out.ts';
import { optOutId } from '../../functions/core/model/opt-out.ts';
import type { Signal } from '../../functions/core/model/signal.ts';
import type { RawRequest } from '../../functions/core/payload/http.ts';
import type { Certificates } from '../../functions/core/verify/source.ts';

export const ADA = parseEmailAddress('ada@example.com');
export const CONTACT = parseContactId('4711');
export const AT = new Date('2026-11-02T10:00:00.000Z');

/** The time a number of seconds after AT. */
export function plus(seconds: number): Date {
  return new Date(AT.getTime() + seconds * 1000);
}

/** Fails if a certificate is fetched. */
export const NOWHERE: Certificates = { get: () => Promise.reject(new Error('a certificate was fetched')) };

/** A signal of a sender's event. A person's own act has no key. */
type Keyed<Type> = Type & { readonly eventKey: string };
type OfAddress<Type> = Extract<Type, { readonly email: EmailAddress }>;
type OfContact<Type> = Exclude<Type, { readonly email: EmailAddress }>;

export function signal(change: Partial<Keyed<OfAddress<Signal>>> = {}): Keyed<OfAddress<Signal>> {
  return { kind: 'opt_out', scope: 'all', email: ADA, eventKey: 'e1', occurredAt: AT, confidence: 'exact', ...change };
}

/** The same for a HubSpot contact. */
export function contactSignal(change: Partial<Keyed<OfContact<Signal>>> = {}): Keyed<OfContact<Signal>> {
  const { email: _email, ...rest } = signal();
  return { ...rest, contactId: CONTACT, ...change };
}

export function optOut(change: Partial<OfAddress<OptOut>> = {}): OfAddress<OptOut> {
  const times = { occurredAt: AT.toISOString(), receivedAt: AT.toISOString() };
  const id = optOutId('acme', signal());
  return { version: 1, id, email: ADA, source: 'acme', kind: 'opt_out', scope: 'all', ...times, ...change };
}

/** The same for a HubSpot contact. */
export function contactOptOut(change: Partial<OfContact<OptOut>> = {}): OfContact<OptOut> {
  const { email: _email, ...command } = optOut({ id: optOutId('acme', contactSignal()) });
  return { ...command, contactId: CONTACT, ...change };
}

export function request(text = '', change: Partial<RawRequest> = {}): RawRequest {
  const url = new URL('https://relay.example.com/webhooks/acme');
  return { method: 'POST', url, headers: {}, body: Buffer.from(text), receivedAt: AT, ...change };
}

/** A row in the response to unsubscribe-all. */
export function row(change: Partial<StatusRow> = {}): StatusRow {
  return {
    channel: 'EMAIL',
    status: 'UNSUBSCRIBED',
    subscriberIdString: ADA,
    subscriptionId: '7',
    timestamp: AT.toISOString(),
    setStatusSuccessReason: 'UNSUBSCRIBE_FROM_ALL_OCCURRED',
    ...change,
  };
}

/** A row in the response to a read after unsubscribe-all. */
export function wideRow(change: Partial<StatusRow> = {}): StatusRow {
  const { channel, status, subscriberIdString, timestamp } = row();
  return { channel, status, subscriberIdString, timestamp, wideStatusType: 'PORTAL_WIDE', ...change };
}

/** A 2xx response from HubSpot with these rows. */
export function shows(results: readonly StatusRow[], change: Partial<StatusReport> = {}): HubSpotResponse {
  return {
    status: 200,
    correlationId: 'c-1',
    report: { status: 'COMPLETE', results, numErrors: 0, ...change },
  };
}
