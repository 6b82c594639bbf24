import type { Attachment } from 'postal-mime';
import PostalMime from 'postal-mime';
import { Unreadable } from '../core/model/errors.ts';
import type { Mail } from '../core/payload/mail.ts';
import { collectFields } from '../core/payload/mail.ts';
import { REPORT_PARTS } from '../core/readers/mail-reports.ts';

/** Beyond what any mail of use needs, and what a hostile one may cost. */
const LIMITS = { maxNestingDepth: 10, maxHeadersSize: 131_072 };
const MAX_PART_BYTES = 65_536;
const MAX_PARTS = 20;

/** Reads a mail, or the beginning of one. Throws Unreadable for one that is nested too deep or whose header is too large. */
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
    // A mail within a mail is evidence, not content.
    return await PostalMime.parse(bytes, { ...LIMITS, forceRfc822Attachments: true });
  } catch {
    // Its message may quote the mail.
    throw new Unreadable('the mail is nested too deep, or its header is too large');
  }
}

function textOf({ content }: Attachment): string {
  if (typeof content === 'string') return content;
  return new TextDecoder().decode(new Uint8Array(content).subarray(0, MAX_PART_BYTES));
}
