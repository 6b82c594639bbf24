/** A sealed link, and the two headers with which a message offers it to mail clients. */
export interface ReadyLink {
  readonly url: string;
  readonly headers: { readonly 'List-Unsubscribe': string; readonly 'List-Unsubscribe-Post': string };
}

/**
 * The one place where a token becomes a link. RFC 8058 asks for an HTTPS URL, for both headers, and for a DKIM signature over
 * both: https://www.rfc-editor.org/rfc/rfc8058#section-4
 */
export function readyLink(publicUrl: URL, token: string): ReadyLink {
  const url = new URL(`/u/${token}`, publicUrl).href;
  return { url, headers: { 'List-Unsubscribe': `<${url}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' } };
}
