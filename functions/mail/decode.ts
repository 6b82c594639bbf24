/** Decodes a header, or a body without a known charset. `binary` has one character per byte. */
export function utf8Of(binary: string): string {
  return decodeCharset(binary, 'utf-8');
}

/**
 * Decodes a body. `binary` has one character per byte, and may end anywhere.
 *
 * @see https://www.rfc-editor.org/rfc/rfc2045#section-6
 */
export function decodeBody(
  binary: string,
  { encoding, charset }: { readonly encoding: string; readonly charset: string },
): string {
  if (encoding === 'base64') return decodeCharset(fromBase64(binary), charset);
  if (encoding === 'quoted-printable') {
    return decodeCharset(fromHex(binary.replace(/=[ \t]*\r?\n/g, '')), charset);
  }
  return decodeCharset(binary, charset);
}

/** Encoded words in a header field of 8 KiB at most. White space between two of them does not count. */
const ENCODED_WORD = /=\?([\w-]+)(?:\*[\w-]*)?\?([bq])\?([^?\s]*)\?=(?:\s+(?==\?))?/gi;
const MAX_FIELD_LENGTH = 8_192;

/** @see https://www.rfc-editor.org/rfc/rfc2047 */
export function decodeWords(value: string): string {
  return value
    .slice(0, MAX_FIELD_LENGTH)
    .replace(ENCODED_WORD, (_word, charset: string, encoding: string, text: string) =>
      decodeCharset(/b/i.test(encoding) ? fromBase64(text) : fromHex(text.replaceAll('_', ' ')), charset),
    );
}

function fromBase64(text: string): string {
  return Buffer.from(text, 'base64').toString('latin1');
}

/** `=41` is `A`. */
function fromHex(text: string): string {
  return text.replace(/=([\da-f]{2})/gi, (_code, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** A charset that is not known is read as UTF-8. Bytes that are not valid become U+FFFD. */
function decodeCharset(binary: string, charset: string): string {
  const bytes = Buffer.from(binary, 'latin1');
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}
