import type { EmailAddress } from '../model/email-address.ts';
import type { Kind } from '../model/signal.ts';
import { rowOf } from '../payload/fields.ts';
import type { Fields, MailPart } from '../payload/mail.ts';
import { fieldBlocks, wordOf } from '../payload/mail.ts';

/** What a report says of the reader of the mail it is about. Undefined for a part that reports nothing. */
export function reportIn({ type, text }: MailPart): ((email: EmailAddress) => Kind) | undefined {
  const read = rowOf(REPORTS, type);
  return read && ((email) => read(fieldBlocks(text), email));
}

const REPORTS: Readonly<Record<string, (blocks: readonly Fields[], email: EmailAddress) => Kind>> = {
  'message/delivery-status': deliveryOf, // https://www.rfc-editor.org/rfc/rfc3464
  'message/global-delivery-status': deliveryOf, // https://www.rfc-editor.org/rfc/rfc6533
  'message/feedback-report': feedbackOf, // https://www.rfc-editor.org/rfc/rfc5965
};

/** Parts that hold the mail a report is about, or its header. */
export const RETURNED: ReadonlySet<string> = new Set([
  'message/rfc822',
  'text/rfc822-headers',
  'message/global',
  'message/global-headers',
]);

/** Whether a mail was returned by Microsoft's Junk Mail Reporting Program, which reports complaints in a form of its own. */
export function isComplaint(header: Fields): boolean {
  return header.has('x-hmxmroriginalrecipient');
}

/** Every media type that is read. */
export const REPORT_PARTS: ReadonlySet<string> = new Set([...Object.keys(REPORTS), ...RETURNED]);

/** By `Action`. */
const ACTIONS: Readonly<Record<string, 'by status' | Kind>> = {
  failed: 'by status',
  delayed: 'soft_bounce',
  delivered: 'ignored',
  relayed: 'ignored',
  expanded: 'ignored', // to the members of a list, whose own reports are to come
};

/**
 * By `Status`: the mailbox is gone. Every other failure may be mended, or is the sender's own: 5.2.1 (disabled), 5.2.2 (full),
 * 5.3.4 (too large), 5.4.x (routing), 5.5.x (protocol), 5.6.x (content), 5.7.x (policy, spam).
 * https://www.iana.org/assignments/smtp-enhanced-status-codes
 */
const GONE: ReadonlySet<string | undefined> = new Set([
  '5.1.0', // an address, and no more is said
  '5.1.1', // no such mailbox
  '5.1.2', // no such domain
  '5.1.3', // nothing that could be an address
  '5.1.6', // moved, nobody knows where
  '5.1.10', // the domain takes no mail at all (RFC 7505); Exchange: no such mailbox
]);

/** Other recipients in it are whoever the mail was forwarded to: of the reader's own mailbox they say nothing. */
function deliveryOf(blocks: readonly Fields[], email: EmailAddress): Kind {
  const own = blocks.find((block) =>
    RECIPIENTS.some((name) => block.get(name)?.some((recipient) => addressIn(recipient) === email)),
  );
  if (own === undefined) return 'ignored';
  const kind = rowOf(ACTIONS, wordOf(own, 'action')) ?? 'ignored';
  if (kind !== 'by status') return kind;
  return GONE.has(statusOf(own)) ? 'hard_bounce' : 'soft_bounce';
}

const RECIPIENTS = ['original-recipient', 'final-recipient'];

/** `rfc822; Ada@example.com`, or with angle brackets, though it should not. */
function addressIn(recipient: string): string | undefined {
  return /;\s*<?([^\s<>]+)/.exec(recipient.toLowerCase())?.[1];
}

/** Exim says 5.0.0 of every permanent failure; what the other server has said stands beside it. */
function statusOf(block: Fields): string | undefined {
  const status = wordOf(block, 'status')?.split(' ', 1)[0];
  if (status !== '5.0.0') return status;
  return /^smtp;\s*5\d\d[ -]#?(5\.\d\.\d{1,3})\b/i.exec(String(block.get('diagnostic-code')))?.[1];
}

/** By `Feedback-Type`. */
const FEEDBACK: Readonly<Record<string, Kind>> = {
  abuse: 'complaint',
  fraud: 'complaint',
  virus: 'complaint',
  other: 'complaint',
  'opt-out': 'opt_out', // of an early draft
  'not-spam': 'ignored', // the contrary
  'auth-failure': 'ignored', // a mail server's word: https://www.rfc-editor.org/rfc/rfc6591
};

function feedbackOf([block]: readonly Fields[]): Kind {
  return rowOf(FEEDBACK, block && wordOf(block, 'feedback-type')) ?? 'ignored';
}
