import type { Attachment } from 'postal-mime';
import PostalMime from 'postal-mime';
import { Unreadable } from '../core/model/errors.ts';
import type { Mail } from '../core/payload/mail.ts';
import { collectFields } from '../core/payload/mail.ts';
import { REPORT_PARTS } from '../core/readers/mail-reports.ts';

/** More than a genuine message needs, and little enough that a hostile one is cheap to parse. */
const LIMITS = { maxNestingDepth: 10, maxHeadersSize: 131_072 };
const MAX_PART_BYTES = 65_536;
const MAX_PARTS = 20;

/** Parses a message, which may be truncated. Throws Unreadable if it is nested too deep or its header is too large. */
export async function parseMail(bytes: Uint8Array): Promise<Mail> {
  const { headers, subject = '', attachments } = await parse(bytes);
  const parts = attachments.filter(({ mimeType }) => REPORT_PARTS.has(mimeType)).slice(0, MAX_PARTS);
  return {
    fields: collectFields(headers.map(({ key, value }) => ({ name: key, value }))),
    subject,
    parts: parts.map((part) => ({ type: part.mimeType, text: textOf(part) })),
  };
}

async function parse(bytes: Uint8Array) {
  try {
    // An attached message stays an attachment, so that its text can be read as part of a report.
    return await PostalMime.parse(bytes, { ...LIMITS, forceRfc822Attachments: true });
  } catch {
    // The parser's error may quote the message.
    throw new Unreadable('the message is nested too deep, or its header is too large');
  }
}

function textOf({ content }: Attachment): string {
  if (typeof content === 'string') return content;
  return new TextDecoder().decode(new Uint8Array(content).subarray(0, MAX_PART_BYTES));
}
