import type { EmailAddress } from '../model/email-address.ts';
import type { Kind } from '../model/signal.ts';
import { rowOf } from '../payload/fields.ts';
import type { Fields, Mail } from '../payload/mail.ts';
import { fieldBlocks } from '../payload/mail.ts';
import { isBounce, textKind } from './bounce-text.ts';
import { deliveryKind } from './delivery-report.ts';
import { feedbackKind, isComplaint } from './feedback-report.ts';

/** A mail system's report about a message that it returns. */
export interface MailReport {
  /** The header of the returned message. If that is in the text of the report, all blocks of the text. */
  readonly returned: readonly Fields[];
  /** The kind that the report states for a recipient. */
  readonly kindFor: (email: EmailAddress) => Kind;
}

/** Reads the machine-readable report in a mail. Returns undefined if it has none. */
export function reportIn(mail: Mail): MailReport | undefined {
  const returned = returnedIn(mail);
  for (const { type, text } of mail.parts) {
    const read = rowOf(REPORTS, type);
    if (read) return { returned, kindFor: (email) => read(text, email) };
  }
  return mail.parts.length > 0 && returned.some(isComplaint) ? { returned, kindFor: () => 'complaint' } : undefined;
}

/** Reads a bounce without a machine-readable report. Returns undefined if no mail system sent the mail. */
export function bounceIn(mail: Mail): MailReport | undefined {
  if (!isBounce(mail.fields)) return undefined;
  return { returned: returnedIn(mail), kindFor: (email) => textKind(mail.text, email) };
}

function returnedIn({ text, parts }: Mail): readonly Fields[] {
  const part = parts.find(({ type }) => RETURNED.includes(type));
  return part ? fieldBlocks(part.text).slice(0, 1) : fieldBlocks(text);
}

const REPORTS: Readonly<Record<string, (text: string, email: EmailAddress) => Kind>> = {
  'message/delivery-status': deliveryKind, // https://www.rfc-editor.org/rfc/rfc3464
  'message/global-delivery-status': deliveryKind, // https://www.rfc-editor.org/rfc/rfc6533
  'message/feedback-report': feedbackKind, // https://www.rfc-editor.org/rfc/rfc5965
};

/** Media types of parts that hold the reported mail, or its header. */
const RETURNED: readonly string[] = [
  'message/rfc822',
  'text/rfc822-headers',
  'text/rfc822-header', // misspelled by some servers
  'message/global',
  'message/global-headers',
];

/** All media types that are read. */
export const REPORT_PARTS: ReadonlySet<string> = new Set([...Object.keys(REPORTS), ...RETURNED]);
