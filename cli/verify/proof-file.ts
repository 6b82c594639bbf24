import type { Entry } from '../../functions/core/ledger/ledger.ts';
import { isObject } from '../../functions/core/payload/fields.ts';
import type { PublicKey } from '../../functions/crypto/signed-receipts.ts';
import { explain } from '../entries/explain.ts';
import { exportedEntry } from '../entries/fields.ts';

/** One person's entries, and what somebody without the relay needs to check them. */
export interface Proof {
  readonly about: string;
  readonly createdAt: string;
  /** The address as it was asked for. Absent if the proof was asked for by the id of an opt-out. */
  readonly address?: string;
  readonly proves: readonly string[];
  readonly doesNotProve: readonly string[];
  readonly howToCheck: readonly string[];
  /** The fields of the ledger, and their meaning in plain words. */
  readonly entries: readonly (Partial<Entry> & { readonly meaning: string })[];
  /** The public keys as a JSON Web Key Set, RFC 7517. */
  readonly keys: readonly PublicKey[];
}

const PROVES = [
  'Each signed receipt was made by the holder of the private key, and nobody has changed it since.',
  'The receipt contains what the relay recorded: when the opt-out was made and received, from whom, how it ended, and what HubSpot ' +
    'responded. "confirmed" means that HubSpot itself reported the person as opted out ("response": in its response to the call; ' +
    '"read-back": when it was read afterwards).',
];

const DOES_NOT_PROVE = [
  'That the list is complete: an entry that was deleted leaves no trace.',
  'That the clock of the relay was right, or that a receipt was signed at the time that it states.',
  'That the hash in a receipt belongs to the address: only the holder of the hash key can check it, with "relay verify --address".',
  'That HubSpot still shows the opt-out, or that nobody has sent email since.',
  'Anything about the fields of an entry that are not in its receipt, or about an entry that is still open.',
];

const HOW_TO_CHECK = [
  'Compare "keys" with the keys that the sender published or gave you earlier. A forger would put their own here.',
  'Run "npx relay verify --key <those keys> <this file>" in a clone of optout-relay. It needs no access to the relay and no network.',
  'Or use any library for JSON Web Signatures: "signedReceipt" is a compact JWS (RFC 7515, Ed25519 by RFC 8037) of the receipt as JSON.',
];

/** Builds the proof of a person's entries. */
export function proofOf(entries: readonly Entry[], keys: readonly PublicKey[], address: string | undefined): Proof {
  const now = new Date();
  return {
    about: 'The opt-outs of one person from email, as optout-relay recorded and signed them. Times are in UTC.',
    createdAt: now.toISOString(),
    ...(address === undefined ? {} : { address }),
    proves: PROVES,
    doesNotProve: DOES_NOT_PROVE,
    howToCheck: HOW_TO_CHECK,
    entries: entries.map((entry) => ({ ...exportedEntry(entry), meaning: explain(entry, now).meaning })),
    keys,
  };
}

/** Returns the entries and the keys of a file of `relay proof`, or undefined if it is another file. */
export function parseProof(text: string): { readonly entries: readonly unknown[]; readonly keys: unknown } | undefined {
  if (!text.startsWith('{\n')) return undefined;
  try {
    const json: unknown = JSON.parse(text);
    return isObject(json) && Array.isArray(json['entries'])
      ? { entries: json['entries'], keys: json['keys'] }
      : undefined;
  } catch {
    return undefined;
  }
}
