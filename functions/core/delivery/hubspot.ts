import type { ContactId } from '../model/contact-id.ts';
import type { EmailAddress } from '../model/email-address.ts';
import type { OptOut } from '../model/opt-out.ts';
import { rowOf } from '../payload/fields.ts';

/** The three versions of the API in which unsubscribe-all has the same shape. */
export type ApiVersion = 'v4' | '2026-03' | '2026-09';

/**
 * When HubSpot's support of each version ends: v4 by the announcement of September 2026, a dated version 18 months after
 * it became available. https://developers.hubspot.com/docs/developer-tooling/platform/versioning
 */
const SUPPORT_ENDS: Readonly<Record<ApiVersion, string>> = {
  v4: '2027-03-30',
  '2026-03': '2027-09-30',
  '2026-09': '2028-03-09',
};

/** Whole days until HubSpot's support of a version ends; negative once it has. */
export function supportDaysLeft(version: ApiVersion, now: Date): number {
  return Math.floor((Date.parse(SUPPORT_ENDS[version]) - now.getTime()) / 86_400_000);
}

/**
 * One row of a communication-preferences answer, every field documented in
 * https://developers.hubspot.com/docs/api-reference/communication-preferences-subscriptions-v4/guide.
 * All are optional, and all texts are open: HubSpot's own examples show values outside its lists.
 */
export interface StatusRow {
  readonly channel?: string | undefined;
  readonly source?: string | undefined;
  readonly status?: string | undefined;
  readonly subscriberIdString?: string | undefined;
  readonly subscriptionId?: string | undefined;
  readonly subscriptionName?: string | undefined;
  readonly timestamp?: string | undefined;
  readonly businessUnitId?: string | undefined;
  readonly legalBasis?: string | undefined;
  readonly legalBasisExplanation?: string | undefined;
  readonly setStatusSuccessReason?: string | undefined;
  /** Only in answers about unsubscribe-all: `PORTAL_WIDE` or `BUSINESS_UNIT_WIDE`. */
  readonly wideStatusType?: string | undefined;
}

/** A 2xx body, leniently read. */
export interface StatusReport {
  /** `COMPLETE` in the reference, `SUCCESS` in the guide. */
  readonly status?: string | undefined;
  readonly results: readonly StatusRow[];
  readonly numErrors: number;
  /** Without their messages: those may quote the address. */
  readonly errors: readonly { readonly category?: string | undefined; readonly status?: string | undefined }[];
  readonly startedAt?: string | undefined;
  readonly completedAt?: string | undefined;
  readonly requestedAt?: string | undefined;
  readonly links?: Readonly<Record<string, string>> | undefined;
}

/** What HubSpot answered, with nothing of HTTP left but the number. */
export interface HubSpotResponse {
  /** 0 when there was no answer: a time-out, a reset, or a call we did not make to stay below the limit. */
  readonly status: number;
  readonly report?: StatusReport | undefined;
  readonly category?: string | undefined;
  /** `TEN_SECONDLY_ROLLING` or `DAILY` on a 429. */
  readonly policyName?: string | undefined;
  readonly correlationId?: string | undefined;
  /** From `Retry-After`, or how long we hold back ourselves. */
  readonly retryAfterSeconds?: number | undefined;
  /** HubSpot is down and no call was made: no sooner than this. */
  readonly pauseSeconds?: number | undefined;
  /** A 4xx whose message says that the address is unsubscribed already. */
  readonly saysAlreadyOptedOut?: boolean | undefined;
}

/** What HubSpot answered when it was asked for a contact. */
export interface ContactResponse extends HubSpotResponse {
  /** A 2xx of category NO_ADDRESS shows a contact that has none, or none that a mail could reach. */
  readonly email?: EmailAddress | undefined;
}

/** Whom an opt-out is for, in HubSpot's terms. */
export interface Subject {
  readonly email: EmailAddress;
  readonly businessUnitId?: string;
  /** One subscription type; absent for all. */
  readonly subscriptionId?: string;
}

/** The calls the relay makes. None of them throws for what HubSpot answers or fails to answer. */
export interface HubSpot {
  unsubscribe(subject: Subject): Promise<HubSpotResponse>;
  /** What stands on record of the opt-out itself: the wide rows, or that of the one subscription. */
  readStatus(subject: Subject): Promise<HubSpotResponse>;
  /** Every subscription of the address: where an opt-in shows. */
  readSubscriptions(subject: Subject): Promise<HubSpotResponse>;
  findContact(contactId: ContactId): Promise<ContactResponse>;
}

/** `businessUnitIds` by brand name. */
export function subjectOf(
  optOut: Pick<OptOut, 'brand' | 'scope'> & { readonly email: EmailAddress },
  businessUnitIds: Readonly<Record<string, string>>,
): Subject {
  const businessUnitId = rowOf(businessUnitIds, optOut.brand);
  return {
    email: optOut.email,
    ...(businessUnitId === undefined ? {} : { businessUnitId }),
    ...(optOut.scope === 'all' ? {} : { subscriptionId: optOut.scope.list }),
  };
}
