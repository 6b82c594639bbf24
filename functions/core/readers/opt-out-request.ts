import { parseEmailAddress } from '../model/email-address.ts';
import type { Kind } from '../model/signal.ts';
import type { Payload } from '../payload/fields.ts';
import { isoTime, textField } from '../payload/fields.ts';
import type { Reading } from '../verify/source.ts';

/** The `detail-type` of our own event. */
export const OPT_OUT_REQUESTED = 'Opt-Out Requested';

/** What its `detail` says, in version 1. */
export interface OptOutRequest {
  readonly email: string;
  /** What stays the same when the request is put again, and differs for everything else. Left out: EventBridge's own id. */
  readonly id?: string | undefined;
  /** ISO 8601 with its offset. Left out: when the event was put. */
  readonly occurredAt?: string | undefined;
  readonly brand?: string | undefined;
  readonly list?: string | undefined;
  readonly reason?: Extract<Kind, 'opt_out' | 'complaint' | 'hard_bounce'> | undefined;
}

/** A request, and which of its fields had to be left out because they are not as documented. */
export interface ParsedRequest {
  readonly request: OptOutRequest;
  readonly leftOut: readonly string[];
}

export interface RequestPorts {
  /** Throws Unreadable when the version or the address is not valid. */
  readonly parseRequest: (detail: unknown) => ParsedRequest;
  /** The names of the configured brands. */
  readonly brands: readonly string[];
}

/**
 * Reads our own event. Whoever put it gets no answer, and an opt-out is worth more than a typo: it stands without the
 * fields that are not valid, and without a brand that is not configured it is one from everything; each is reported.
 */
export function readOptOutRequest(
  envelope: Payload,
  { parseRequest, brands }: RequestPorts,
): Reading & { readonly brand?: string } {
  const { request, leftOut } = parseRequest(envelope.detail);
  const { email, id, occurredAt, brand, list, reason = 'opt_out' } = request;
  const known = brands.find((each) => each === brand);
  const wrong = known === brand ? leftOut : [...leftOut, 'brand'];
  const signal = {
    kind: reason,
    scope: list === undefined ? ('all' as const) : { list },
    email: parseEmailAddress(email),
    eventKey: `${textField(envelope, 'source')} ${id ?? textField(envelope, 'id')}`,
    occurredAt: isoTime(occurredAt ?? envelope.time, occurredAt === undefined ? 'time' : 'detail.occurredAt'),
    confidence: 'exact' as const,
  };
  const unreadable = wrong.map((name) => `detail.${name} is not valid, and left out`);
  return { signals: [signal], unreadable, ...(known === undefined ? {} : { brand: known }) };
}
