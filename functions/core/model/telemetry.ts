import type { OptOut } from './opt-out.ts';
import type { Outcome } from './outcome.ts';
import type { State } from './state.ts';

/** Everything the relay says about what it does. No event holds an address, a body, a token or a secret. */
export type RelayEvent =
  | { readonly event: 'optout.accepted'; readonly source: string; readonly optOuts: readonly OptOutRef[] }
  | { readonly event: 'optout.attempted'; readonly optOut: OptOutRef; readonly delivery: Delivery }
  /** Somebody, or a scanner, looked at a sealed link. */
  | { readonly event: 'link.opened' }
  /** Somebody sent the form more often than the limits let pass. */
  | { readonly event: 'form.rate_limited' }
  | { readonly event: 'signals.ignored'; readonly source: string; readonly count: number }
  | { readonly event: 'signals.unreadable'; readonly source: string; readonly reasons: readonly string[] }
  | { readonly event: 'request.unauthenticated'; readonly source: string; readonly reason: string }
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
  | { readonly event: 'ledger.erased'; readonly count: number }
  /** So many opt-outs have ended without the result bus being told; `reason` is the first error's name. */
  | { readonly event: 'result.publish_failed'; readonly count: number; readonly reason: string }
  /** The `hubspot` secret cannot be read or holds no token. */
  | { readonly event: 'credentials.unusable'; readonly reason: string }
  /** HubSpot is down, or does not know our token: no calls for so long. `status` is that of the last answer, 0 without one. */
  | { readonly event: 'circuit.opened'; readonly status: number; readonly pauseSeconds: number }
  /** A command was closed without a signed receipt. */
  | { readonly event: 'receipt.unsigned'; readonly optOut: OptOutRef; readonly reason: string }
  /** The age of the oldest command of a source that is open or held; of no source, and 0, when there is none. */
  | { readonly event: 'backlog.measured'; readonly source?: string; readonly ageSeconds: number }
  /** Commands over a limit of the clock, the oldest first; `more`: how many there are besides. */
  | { readonly event: 'optout.overdue'; readonly overdue: readonly Overdue[]; readonly more: number }
  /** An open command whose message was gone is on the queue again. */
  | { readonly event: 'optout.requeued'; readonly optOut: OptOutRef }
  /** HubSpot has a confirmed opt-out no more, and nothing newer: it is carried out again. */
  | { readonly event: 'optout.drifted'; readonly optOut: OptOutRef }
  /** Since their opt-out was confirmed, somebody has opted in again. */
  | { readonly event: 'optout.opted_in'; readonly optOut: OptOutRef }
  /** HubSpot could not be asked about drift any more. `status`: 0 without an answer. */
  | { readonly event: 'drift.stopped'; readonly status: number; readonly category?: string | undefined }
  /** How many entries of the ledger a run has looked at, and whether they were the last. */
  | { readonly event: 'ledger.scanned'; readonly entries: number; readonly isDone: boolean }
  | { readonly event: 'sweep.failed'; readonly part: string; readonly failure: Failure }
  /** Days until HubSpot ends its support of the version in use. */
  | { readonly event: 'api_version.checked'; readonly version: string; readonly daysLeft: number };

/** A command without what it is about. */
export type OptOutRef = Pick<OptOut, 'id' | 'source' | 'kind'>;

export interface Overdue {
  readonly optOut: OptOutRef;
  readonly state: State;
  /** Since our clock first saw the signal. */
  readonly ageSeconds: number;
  /** Over the second limit too. */
  readonly isPaging: boolean;
}

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
