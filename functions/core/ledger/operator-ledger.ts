import type { EmailAddress } from '../model/email-address.ts';
import type { OptOut } from '../model/opt-out.ts';
import type { State, Unfinished } from '../model/state.ts';
import type { Entry } from './ledger.ts';

/** Where a long reading goes on: behind the entry with this id. */
export type EntryId = string;

export interface Page {
  readonly entries: readonly Entry[];
  /** Left out at the end. */
  readonly cursor?: EntryId;
}

/** What the sweep and the operator do at the ledger. */
export interface OperatorLedger {
  /** What is in an unfinished state, the oldest first. */
  unfinished(state: Unfinished): AsyncIterable<Entry>;
  /** All that is known of an address, in no order; what is forgotten, too, where there is a key. */
  about(email: EmailAddress): Promise<readonly Entry[]>;
  /** Every entry, in no order and in pages of at most `limit`. */
  page(after: EntryId | undefined, limit: number): Promise<Page>;
  /**
   * Opens a closed entry again, for the queue to bring it. Undefined when it is not in that state (any more), or when its
   * address is forgotten; the command otherwise, for the queue.
   */
  reopen(id: string, from: Exclude<State, 'open' | 'superseded'>, now: Date): Promise<OptOut | undefined>;
  /** Leaves a held entry so for good: it waits for nobody any more. False when it is not held, or is discarded already. */
  discard(id: string, now: Date): Promise<boolean>;
  /** Of an open entry whose message is lost: says when the queue will bring the next one. False when it is not so (any more). */
  requeue(entry: Entry, now: Date): Promise<boolean>;
  /** Writes down that the person has opted in again since it was confirmed. */
  recordOptIn(id: string, at: Date): Promise<void>;
  /** Gives a closed entry the receipt that it lacks. */
  sign(id: string, signedReceipt: string): Promise<void>;
  /** What the sweep remembers from one run to the next, by name; a JSON value. */
  loadCursor(name: string): Promise<unknown>;
  saveCursor(name: string, value: unknown): Promise<void>;
}
