/** Keyed hashes of an address or a contact id. Both methods reject without a key. */
export interface KeyedHashes {
  /** Hashes with the current key. */
  hash(text: string): Promise<string>;
  /** Hashes with every key: the current one and the previous ones. */
  hashes(text: string): Promise<readonly string[]>;
}
