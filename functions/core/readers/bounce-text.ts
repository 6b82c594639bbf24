import type { EmailAddress } from '../model/email-address.ts';
import type { Kind } from '../model/signal.ts';
import type { Fields } from '../payload/mail.ts';
import { isMailboxGone } from './bounce-codes.ts';
import { addressIn } from './delivery-report.ts';

/** Whether a mail system sent the mail. Such mail has no sender to reply to, or names the recipients that failed (Exim). */
export function isBounce(fields: Fields): boolean {
  const senders = [...(fields.get('return-path') ?? []), ...(fields.get('from') ?? [])];
  return fields.has('x-failed-recipients') || senders.some((sender) => MAIL_SYSTEM.test(sender));
}

const MAIL_SYSTEM = /^<>|\b(?:mailer-daemon|postmaster)@/i;

/**
 * Reads a bounce that has no machine-readable part, such as qmail's. Only what follows the recipient's own line counts. A
 * recipient that is listed together with others, or not at all, says nothing.
 */
export function textKind(text: string, email: EmailAddress): Kind {
  const [words = ''] = text.split(RETURNED_HEADER, 1);
  const own = sectionsOf(words).filter(({ address }) => address === email);
  if (own.length === 0) return 'ignored';
  return isMailboxGone(FAILED, own.map((section) => section.text).join(' ')) ? 'hard_bounce' : 'soft_bounce';
}

/** A failure without a code: the words decide. */
const FAILED = '5.0.0';

/** The line before the returned message, or its first one. */
const RETURNED_HEADER =
  /^(?:-{3,}(?!-| transcript)|(?:received|return-path|dkim-signature|from|message-id|list-unsubscribe|x-optout-token):)/im;

interface Section {
  readonly address: EmailAddress | undefined;
  readonly text: string;
}

/** `<ada@example.com>:` (qmail), `ada@example.com` (Exim, Gmail), `<ada@example.com>: host … said: …` (Postfix). */
const ADDRESS_LINE = /^[ \t]*(?:\* )?(?:<([^<>\s]+@[^<>\s]+)>|([^<>\s]+@[^<>\s:]+)):?(?:$|(?<=:)[ \t])/;

function sectionsOf(words: string): readonly Section[] {
  const sections: { address: EmailAddress | undefined; lines: string[] }[] = [];
  for (const line of words.split(/\r?\n/)) {
    const [match, bracketed, bare] = ADDRESS_LINE.exec(line) ?? [];
    if (match !== undefined) sections.push({ address: addressIn(`${bracketed ?? bare}`), lines: [] });
    sections.at(-1)?.lines.push(line.slice(match?.length ?? 0));
  }
  const texts = sections.map(({ lines }) => lines.join('\n').trim());
  // A text after a list of addresses may be about any of them.
  return sections.map(({ address }, at) => ({ address, text: texts[at - 1] === '' ? '' : `${texts[at]}` }));
}
