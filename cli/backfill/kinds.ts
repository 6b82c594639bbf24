import { Unreadable } from '../../functions/core/model/errors.ts';
import type { Kind } from '../../functions/core/model/signal.ts';
import { UsageError } from '../command.ts';
import { option } from '../define-command.ts';

/** The kinds that a row of a list can have. */
export type ListedKind = Extract<Kind, 'opt_out' | 'complaint' | 'hard_bounce' | 'soft_bounce' | 'suppressed'>;

/**
 * What the senders' lists call each kind, in lower case and without punctuation. The bounces of a suppression list are permanent,
 * since a sender stops for them. What an office did is `suppressed`, like its events.
 */
const WORDS: Readonly<Record<ListedKind, readonly string[]>> = {
  opt_out: [
    ...['optout', 'optedout', 'unsub', 'unsubscribe', 'unsubscribes', 'unsubscribed', 'unsubscription', 'subscriber'],
    // Postmark, Brevo (two), SparkPost (two)
    ...['manualsuppression', 'unsubscribedviaemail', 'unsubscribedviama', 'listunsubscribe', 'unsubscribelink'],
  ],
  complaint: [
    ...[
      'complaint',
      'complaints',
      'complained',
      'spam',
      'spamcomplaint',
      'spamcomplaints',
      'spamreport',
      'spamreports',
    ],
    // Brevo
    'contactflaggedasspam',
  ],
  hard_bounce: [
    ...['hardbounce', 'hardbounces', 'hardbounced', 'bounce', 'bounces', 'bounced', 'invalid', 'invalidemail'],
    // SendGrid, SparkPost, Unisender Go, Scaleway
    ...['invalidemails', 'bouncerule', 'permanentunavailable', 'mailboxnotfound'],
  ],
  // Unisender Go, Scaleway
  soft_bounce: ['softbounce', 'softbounces', 'softbounced', 'block', 'blocks', 'temporaryunavailable', 'mailboxfull'],
  suppressed: [
    ...[
      'suppressed',
      'suppression',
      'manual',
      'manuallyadded',
      'manualimport',
      'custom',
      'admin',
      'blocked',
      'blocklist',
    ],
    // Brevo (two), Klaviyo, SparkPost
    ...['adminblocked', 'unsubscribedviaapi', 'usersuppressed', 'compliance'],
  ],
};

const LISTED: readonly ListedKind[] = ['opt_out', 'complaint', 'hard_bounce', 'soft_bounce', 'suppressed'];
const KINDS: ReadonlyMap<string, ListedKind> = new Map(
  LISTED.flatMap((kind) => WORDS[kind].map((word) => [word, kind] as const)),
);

/** `--kind <kind>`. */
export const KIND = option(
  'kind',
  'of all rows: opt_out (default), complaint, hard_bounce, soft_bounce or suppressed; "policy" decides what happens to it',
);

/** `--kind-column <name>`. */
export const KIND_COLUMN = option(
  'name',
  "the column of kinds, in the senders' words, such as HardBounce or unsubscribed",
);

/**
 * The value of `--kind`.
 * @throws UsageError if it is not a kind that a list can have
 */
export function kindOption(value = 'opt_out'): ListedKind {
  const kind = LISTED.find((each) => each === value);
  if (kind === undefined) throw new UsageError(`--kind is not one of ${LISTED.join(', ')}`);
  return kind;
}

/**
 * The kind of a row by the text in its `--kind-column`.
 * @throws Unreadable if the text is unknown
 */
export function kindIn(text: string, column: string): ListedKind {
  const kind = KINDS.get(text.toLowerCase().replaceAll(/[^\p{L}\d]/gu, ''));
  if (kind === undefined)
    throw new Unreadable(`"${column}" is not a known kind: select such rows with --only and --kind`);
  return kind;
}
