import type { EmailAddress } from '../model/email-address.ts';
import type { Kind } from '../model/signal.ts';
import { rowOf } from '../payload/fields.ts';
import type { Fields, MailPart } from '../payload/mail.ts';
import { fieldBlocks, wordOf } from '../payload/mail.ts';

/** Returns a function that reads the report's verdict on a recipient, or undefined if the part is not a report. */
export function reportIn({ type, text }: MailPart): ((email: EmailAddress) => Kind) | undefined {
  const read = rowOf(REPORTS, type);
  return read && ((email) => read(fieldBlocks(text), email));
}

const REPORTS: Readonly<Record<string, (blocks: readonly Fields[], email: EmailAddress) => Kind>> = {
  'message/delivery-status': deliveryOf, // https://www.rfc-editor.org/rfc/rfc3464
  'message/global-delivery-status': deliveryOf, // https://www.rfc-editor.org/rfc/rfc6533
  'message/feedback-report': feedbackOf, // https://www.rfc-editor.org/rfc/rfc5965
};

/** Media types of parts that hold the reported mail, or its header. */
export const RETURNED: ReadonlySet<string> = new Set([
  'message/rfc822',
  'text/rfc822-headers',
  'message/global',
  'message/global-headers',
]);

/** Whether Microsoft's Junk Mail Reporting Program returned the mail. It reports complaints in its own format. */
export function isComplaint(header: Fields): boolean {
  return header.has('x-hmxmroriginalrecipient');
}

/** All media types that are read. */
export const REPORT_PARTS: ReadonlySet<string> = new Set([...Object.keys(REPORTS), ...RETURNED]);

/** By `Action`. */
const ACTIONS: Readonly<Record<string, 'by status' | Kind>> = {
  failed: 'by status',
  delayed: 'soft_bounce',
  delivered: 'ignored',
  relayed: 'ignored',
  expanded: 'ignored', // to the members of a list, each of whom gets a report
};

/**
 * Values of `Status` that mean the mailbox does not exist. Any other failure may be temporary or the sender's fault: 5.2.1
 * (disabled), 5.2.2 (full), 5.3.4 (too large), 5.4.x (routing), 5.5.x (protocol), 5.6.x (content), 5.7.x (policy, spam).
 *
 * @see https://www.iana.org/assignments/smtp-enhanced-status-codes
 */
const GONE: ReadonlySet<string | undefined> = new Set([
  '5.1.0', // other address status
  '5.1.1', // no such mailbox
  '5.1.2', // no such domain
  '5.1.3', // invalid address syntax
  '5.1.6', // moved, no forwarding address
  '5.1.10', // the domain accepts no mail (RFC 7505); Exchange: no such mailbox
]);

/** Only the recipient's own block counts. Other recipients are addresses that the mail was forwarded to. */
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

/** `rfc822; Ada@example.com`. Some servers add angle brackets, against the RFC. */
function addressIn(recipient: string): string | undefined {
  return /;\s*<?([^\s<>]+)/.exec(recipient.toLowerCase())?.[1];
}

/** Exim reports 5.0.0 for every permanent failure. The remote server's status is in `Diagnostic-Code`. */
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
  'opt-out': 'opt_out', // from an early draft of RFC 5965
  'not-spam': 'ignored', // the opposite of a complaint
  'auth-failure': 'ignored', // reported by a mail server, not a person: https://www.rfc-editor.org/rfc/rfc6591
};

function feedbackOf([block]: readonly Fields[]): Kind {
  return rowOf(FEEDBACK, block && wordOf(block, 'feedback-type')) ?? 'ignored';
}
