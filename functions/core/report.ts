import type { OptOut } from './opt-out.ts';
import type { Outcome } from './outcome.ts';

/** Everything the relay says about what it does. No event holds an address, a body, a token or a secret. */
export type RelayEvent =
  | { readonly event: 'optout.accepted'; readonly source: string; readonly optOuts: readonly Named[] }
  | { readonly event: 'optout.delivered'; readonly optOut: Named; readonly delivery: Delivery }
  /** Somebody, or a scanner, looked at a sealed link. */
  | { readonly event: 'link.opened' }
  /** Somebody sent the form more often than the limits let pass. */
  | { readonly event: 'form.too_many' }
  | { readonly event: 'webhook.nothing_asked'; readonly source: string; readonly count: number }
  | { readonly event: 'webhook.unreadable'; readonly source: string; readonly reasons: readonly string[] }
  | { readonly event: 'webhook.refused'; readonly source: string; readonly reason: string }
  /** A request that ended in one of our errors, or in one we did not expect. */
  | { readonly event: 'request.failed'; readonly failure: Failure }
  /** Something that is not one of our commands stood on the queue, or the ledger could not be reached. */
  | {
      readonly event: 'delivery.failed';
      readonly messageId: string;
      readonly optOutId?: string | undefined;
      readonly failure: Failure;
    }
  /** A contact was deleted for privacy: so many entries of the ledger have lost the address, or will when they are closed. */
  | { readonly event: 'ledger.forgotten'; readonly count: number }
  /** The `hubspot` secret cannot be read or holds no token. */
  | { readonly event: 'credentials.unusable'; readonly reason: string }
  /** Days until HubSpot ends its support of the version in use. */
  | { readonly event: 'api_version.checked'; readonly version: string; readonly daysLeft: number };

/** A command without what it is about. */
export type Named = Pick<OptOut, 'id' | 'source' | 'kind'>;

export interface Delivery {
  readonly outcome: Outcome;
  readonly attempt: number;
  readonly tookMs: number;
  /** Since our clock first saw the signal. */
  readonly ageMs: number;
}

/** An error without its message, unless the message is one of ours. */
export interface Failure {
  readonly name: string;
  readonly reason?: string;
  readonly status?: number;
  readonly stack?: string;
}

export type Report = (event: RelayEvent) => void;
