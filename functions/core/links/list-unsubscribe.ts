/** An unsubscribe link, and the two headers that offer it to mail clients. */
export interface ReadyLink {
  readonly url: string;
  readonly headers: { readonly 'List-Unsubscribe': string; readonly 'List-Unsubscribe-Post': string };
}

/** SES accepts header values up to this length, the lowest limit of all senders. A very long address would exceed it. */
const MAX_LENGTH = 870;

/**
 * Builds the link and headers for a token. RFC 8058 requires an HTTPS URL, both headers, and a DKIM signature over both.
 *
 * @param mailbox the address of the relay's mailbox, for clients that do not support one-click. The token is in the subject,
 * since the local part of an address is limited to 64 characters. If omitted, or if the header would be too long, only the
 * URL is offered.
 * @see https://www.rfc-editor.org/rfc/rfc8058#section-4
 */
export function readyLink(publicUrl: URL, token: string, mailbox?: string): ReadyLink {
  const url = new URL(`/u/${token}`, publicUrl).href;
  const both = `<${url}>, <mailto:${mailbox}?subject=${token}>`;
  const value = mailbox === undefined || both.length > MAX_LENGTH ? `<${url}>` : both;
  return { url, headers: { 'List-Unsubscribe': value, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' } };
}

/** An email address that needs no escaping in a header or a `mailto:` URL. */
export const MAILBOX = /^[a-z0-9._+-]{1,64}@(?:[a-z0-9-]+\.)+[a-z]{2,}$/i;
