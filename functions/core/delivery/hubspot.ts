import type { ContactId } from '../model/contact-id.ts';
import type { EmailAddress } from '../model/email-address.ts';

/** The API versions in which unsubscribe-all has the same format. */
export type ApiVersion = 'v4' | '2026-03' | '2026-09';

/**
 * When HubSpot's support of each version ends. v4: announced in September 2026. A dated version: 18 months after its release.
 * @see https://developers.hubspot.com/docs/developer-tooling/platform/versioning
 */
const SUPPORT_ENDS: Readonly<Record<ApiVersion, string>> = {
  v4: '2027-03-30',
  '2026-03': '2027-09-30',
  '2026-09': '2028-03-09',
};

/** The versions that HubSpot supports longer than another one, the next one first. */
export function laterVersions(version: ApiVersion): readonly ApiVersion[] {
  const versions: readonly ApiVersion[] = ['v4', '2026-03', '2026-09'];
  return versions.slice(versions.indexOf(version) + 1);
}

/** Returns the whole days until HubSpot's support of a version ends; negative afterwards. */
export function supportDaysLeft(version: ApiVersion, now: Date): number {
  return Math.floor((Date.parse(SUPPORT_ENDS[version]) - now.getTime()) / 86_400_000);
}

/**
 * One status of an address. Every field is optional and every string is open: HubSpot's own examples contain values that its
 * reference does not list.
 * @see https://developers.hubspot.com/docs/api-reference/communication-preferences-subscriptions-v4/guide
 */
export interface StatusRow {
  readonly channel?: string | undefined;
  readonly status?: string | undefined;
  readonly subscriberIdString?: string | undefined;
  readonly subscriptionId?: string | undefined;
  readonly timestamp?: string | undefined;
  readonly businessUnitId?: string | undefined;
  readonly setStatusSuccessReason?: string | undefined;
  /** `PORTAL_WIDE` or `BUSINESS_UNIT_WIDE`; only in unsubscribe-all responses. */
  readonly wideStatusType?: string | undefined;
}

/** The body of a 2xx response. */
export interface StatusReport {
  /** `COMPLETE` in HubSpot's reference, `SUCCESS` in its guide. */
  readonly status?: string | undefined;
  readonly results: readonly StatusRow[];
  readonly numErrors: number;
}

/** The result of one call. */
export interface HubSpotResponse {
  /** The HTTP status, or 0 without a response: a timeout, a broken connection, or a call that the relay did not make. */
  readonly status: number;
  readonly report?: StatusReport | undefined;
  /** HubSpot's error category, or the relay's own reason for status 0. */
  readonly category?: string | undefined;
  /** `TEN_SECONDLY_ROLLING` or `DAILY` on a 429. */
  readonly policyName?: string | undefined;
  readonly correlationId?: string | undefined;
  /** From `Retry-After`. */
  readonly retryAfterSeconds?: number | undefined;
  /** The relay made no call, so HubSpot has changed nothing: it has no token, or it pauses its calls. Only with status 0. */
  readonly isUnsent?: boolean;
  /** Set if HubSpot is down and no call was made: the minimum wait. */
  readonly pauseSeconds?: number | undefined;
  /** Set if the rate limiter has no free slot and no call was made: the wait for one. */
  readonly slotInSeconds?: number | undefined;
  /** The body is one of HubSpot's JSON errors. HubSpot responds to an unknown route with a web page. */
  readonly hasErrorBody?: boolean | undefined;
  /** A 4xx message says that the address is already unsubscribed. */
  readonly saysAlreadyOptedOut?: boolean | undefined;
}

export interface ContactResponse extends HubSpotResponse {
  /** Missing from a 2xx with category NO_ADDRESS: the contact has no address, or one that cannot receive mail. */
  readonly email?: EmailAddress | undefined;
  /** The contact's other addresses (`hs_additional_emails`). */
  readonly additionalEmails?: readonly EmailAddress[] | undefined;
  /** The id that responds. A merged contact responds with the id of the contact that it was merged into. */
  readonly contactId?: string | undefined;
  /** The current value of the requested property. */
  readonly value?: string | undefined;
}

/** A subscription type of the account. */
export interface SubscriptionType {
  readonly id: string;
  /** `0` is the account itself. */
  readonly businessUnitId: string;
}

export interface DefinitionsResponse extends HubSpotResponse {
  /** Missing if the response is not a complete list. */
  readonly types?: readonly SubscriptionType[] | undefined;
}

/** The address, business unit and subscription that one call is about, in HubSpot's terms. */
export interface Subject {
  readonly email: EmailAddress;
  /** If omitted, the account, which is the only one without the Brands add-on. */
  readonly businessUnitId?: string;
  /** One subscription type. If omitted, all. */
  readonly subscriptionId?: string;
}

/** The calls to HubSpot. They resolve for every response and for every failed connection. */
export interface HubSpot {
  unsubscribe(subject: Subject): Promise<HubSpotResponse>;
  /** Reads the opt-out itself: the wide rows, or the row of the one subscription. */
  readStatus(subject: Subject): Promise<HubSpotResponse>;
  /** Reads every subscription of the address, which shows opt-ins. */
  readSubscriptions(subject: Subject): Promise<HubSpotResponse>;
  /** Reads a contact's addresses and one of its properties. */
  findContact(contactId: ContactId, property: string | undefined): Promise<ContactResponse>;
  /** Reads the subscription types of the account, with their business units. */
  readDefinitions(): Promise<DefinitionsResponse>;
}
