import type { OptOut } from './opt-out.ts';
import type { Outcome } from './outcome.ts';

export type State = 'open' | 'confirmed' | 'refused' | 'held' | 'superseded';

/** What the ledger says when a command is opened for an attempt. */
export type Opening =
  /** The command is ours until the lease ends. `attempt` counts from 1. */
  | { readonly kind: 'opened'; readonly attempt: number; readonly openedAt: Date }
  /** Another delivery of the same command holds it, or held it when its machine died. */
  | { readonly kind: 'leased'; readonly retryAfterSeconds: number }
  | { readonly kind: 'closed' };

/** What is known of one command. Times are ISO 8601 UTC. */
export interface Entry {
  readonly id: string;
  readonly state: State;
  readonly receivedAt: string;
  readonly openedAt: string;
  readonly closedAt?: string;
  readonly attempts: number;
  readonly proof?: string;
}

/** How an attempt that the ledger let begin has ended. */
export interface Settled {
  readonly attempt: number;
  readonly outcome: Exclude<Outcome, { kind: 'duplicate' }>;
}

/** Every command is opened before HubSpot is called and closed when it has ended; both exactly once, by condition. */
export interface Ledger {
  open(optOut: OptOut, now: Date): Promise<Opening>;
  /**
   * Closes the command, or gives its lease back when it is deferred. Changes nothing when another attempt has begun or
   * ended it meanwhile.
   */
  settle(id: string, settled: Settled, now: Date): Promise<void>;
  find(id: string): Promise<Entry | undefined>;
}
