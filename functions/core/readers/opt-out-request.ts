import type { Kind } from '../model/signal.ts';
import type { Payload } from '../payload/fields.ts';
import { optionalText, textField } from '../payload/fields.ts';
import type { Reading } from '../verify/source.ts';
import { readEvent } from './sender-event.ts';

/** The `detail-type` of the relay's own EventBridge event. */
export const OPT_OUT_REQUESTED = 'Opt-Out Requested';

/** The `detail` of the event, version 1. */
export interface OptOutRequest {
  readonly email: string;
  /** An id that a retry repeats and that no other request has. @default EventBridge's event id */
  readonly id?: string | undefined;
  /** ISO 8601 with an offset. @default the time at which the event was put */
  readonly occurredAt?: string | undefined;
  readonly brand?: string | undefined;
  readonly list?: string | undefined;
  readonly reason?: Extract<Kind, 'opt_out' | 'complaint' | 'hard_bounce'> | undefined;
}

/** A request, and the names of the optional fields that were ignored because they are not valid. */
export interface ParsedRequest {
  readonly request: OptOutRequest;
  readonly ignoredFields: readonly string[];
}

export interface RequestPorts {
  /** Throws Unreadable if the version or the address is not valid. */
  readonly parseRequest: (detail: unknown) => ParsedRequest;
  /** The names of the configured brands. */
  readonly brands: readonly string[];
  readonly clock: () => Date;
}

/**
 * Reads the relay's own event. Its sender gets no response, so a typo must not lose the opt-out: optional fields that are not
 * valid are ignored and reported. An unknown brand makes it an opt-out from all brands. Without a valid time, it occurred on
 * arrival.
 */
export function readOptOutRequest(
  envelope: Payload,
  { parseRequest, brands, clock }: RequestPorts,
): Reading & { readonly brand?: string } {
  const { request, ignoredFields } = parseRequest(envelope.detail);
  const { email, id = optionalText(envelope, 'id'), occurredAt = envelope.time, brand, list, reason } = request;
  const known = brands.find((each) => each === brand);
  const wrong = known === brand ? ignoredFields : [...ignoredFields, 'brand'];
  const source = textField(envelope, 'source');
  const event = {
    kind: reason ?? 'opt_out',
    scope: list === undefined ? ('all' as const) : { list },
    address: email,
    times: ignoredFields.includes('occurredAt') ? [] : [occurredAt],
    id: id && `${source} ${id}`,
    key: [source, ''],
  };
  const unreadable = wrong.map((name) => `detail.${name} is not valid and was ignored`);
  const signals = readEvent(event, { receivedAt: clock() });
  return { signals, unreadable, ...(known === undefined ? {} : { brand: known }) };
}
