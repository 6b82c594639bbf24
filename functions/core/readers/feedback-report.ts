import type { Kind } from '../model/signal.ts';
import { rowOf } from '../payload/fields.ts';
import type { Fields } from '../payload/mail.ts';
import { fieldBlocks, wordOf } from '../payload/mail.ts';

/** Reads the kind of a feedback report. An unknown type asks for nothing. */
export function feedbackKind(text: string): Kind {
  const [block] = fieldBlocks(text);
  return rowOf(FEEDBACK, block && wordOf(block, 'feedback-type')) ?? 'ignored';
}

/**
 * By `Feedback-Type`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5965#section-7.3
 */
const FEEDBACK: Readonly<Record<string, Kind>> = {
  abuse: 'complaint', // the spam button
  fraud: 'complaint', // the phishing button
  other: 'complaint',
  virus: 'soft_bounce', // a scanner's opinion of the message, not a person's act
  'opt-out': 'opt_out', // from a draft of RFC 5965
  'opt-out-list': 'opt_out', // the same
  'not-spam': 'ignored', // the opposite of a complaint
  'auth-failure': 'ignored', // reported by a mail server, not a person: https://www.rfc-editor.org/rfc/rfc6591
};

/** Whether Microsoft's Junk Mail Reporting Program returned the mail. It reports complaints in its own format. */
export function isComplaint(header: Fields): boolean {
  return header.has('x-hmxmroriginalrecipient');
}
