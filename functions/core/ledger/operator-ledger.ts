import type { EmailAddress } from '../model/email-address.ts';
import type { OptOut } from '../model/opt-out.ts';
import type { State, Unfinished } from '../model/state.ts';
import type { Entry } from './ledger.ts';
import type { Resolution } from './receipt.ts';

/** The last entry of a page. The next page starts after it. */
export type EntryId = string;

export interface Page {
  readonly entries: readonly Entry[];
  /** Omitted on the last page. */
  readonly cursor?: EntryId;
}

/** The ledger as the sweep and the operators use it. */
export interface OperatorLedger {
  /** Lists the entries in this state, oldest first, without the discarded and the resolved ones. */
  unfinished(state: Unfinished): AsyncIterable<Entry>;
  /** Lists the entries of an address in no order, including erased ones if there is a hash key. */
  about(email: EmailAddress): Promise<readonly Entry[]>;
  /** Returns a page of at most `limit` entries, in no order. */
  page(after: EntryId | undefined, limit: number): Promise<Page>;
  /**
   * Reopens a closed entry and returns its command for the queue. Returns undefined if the entry is in another state,
   * erased, discarded or resolved.
   */
  reopen(id: string, from: Exclude<State, 'open' | 'superseded'>, now: Date): Promise<OptOut | undefined>;
  /** Discards a held entry: it stays held and cannot be reopened. Returns false if it is not held, or discarded. */
  discard(id: string, now: Date): Promise<boolean>;
  /**
   * Records that a rejected entry was dealt with by hand, under a receipt that says so: it stays rejected and cannot be reopened.
   * Returns false if it is not rejected, or erased or resolved.
   */
  resolve(id: string, resolution: Resolution & { readonly signedReceipt: string }): Promise<boolean>;
  /** Sets a new due time for an open entry whose message was lost. Returns false if the entry has changed since. */
  requeue(entry: Entry, now: Date): Promise<boolean>;
  /** Records a newer opt-in of the recipient. Does nothing unless the entry is confirmed. */
  recordOptIn(id: string, at: Date): Promise<void>;
  /** Adds a receipt to a closed entry that has none. */
  sign(id: string, signedReceipt: string): Promise<void>;
  /** Returns the value that an earlier run of the sweep saved under this name. */
  loadCursor(name: string): Promise<unknown>;
  /** Saves a JSON value for the next run of the sweep. */
  saveCursor(name: string, value: unknown): Promise<void>;
}
