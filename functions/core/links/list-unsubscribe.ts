/** A sealed link, and the two headers with which a message offers it to mail clients. */
export interface ReadyLink {
  readonly url: string;
  readonly headers: { readonly 'List-Unsubscribe': string; readonly 'List-Unsubscribe-Post': string };
}

/** The least that a sender takes: SES. With the token twice in it, the header for a very long address would be longer. */
const MAX_LENGTH = 870;

/**
 * The one place where a token becomes a link. RFC 8058 asks for an HTTPS URL, for both headers, and for a DKIM signature over
 * both: https://www.rfc-editor.org/rfc/rfc8058#section-4
 * `mailbox` reads mail for the relay: clients that post to no URL write there. The token is in the subject, since the part
 * before the "@" has room for 64 characters.
 */
export function readyLink(publicUrl: URL, token: string, mailbox?: string): ReadyLink {
  const url = new URL(`/u/${token}`, publicUrl).href;
  const both = `<${url}>, <mailto:${mailbox}?subject=${token}>`;
  const value = mailbox === undefined || both.length > MAX_LENGTH ? `<${url}>` : both;
  return { url, headers: { 'List-Unsubscribe': value, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' } };
}

/** An address that may stand in a header as it is, and in a `mailto:` URL. */
export const MAILBOX = /^[a-z0-9._+-]{1,64}@(?:[a-z0-9-]+\.)+[a-z]{2,}$/i;
