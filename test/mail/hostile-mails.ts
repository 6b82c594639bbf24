/** The part of a message that is read. */
const SIZE = 262_144;

/** A message of 256 KiB: a beginning, and a text that is repeated. */
const filled = (head: string, unit: string): Buffer => Buffer.alloc(SIZE, unit).fill(head, 0, Buffer.byteLength(head));
const MULTIPART = 'Content-Type: multipart/mixed; boundary=a\n\n';
const HTML = `${MULTIPART}--a\nContent-Type: text/plain\n\na\n--a\nContent-Type: text/html\n\n`;

/** Messages that are cheap to send and were, or could be, expensive to parse. None of them has a token. */
export const HOSTILE_MAILS: Readonly<Record<string, () => Buffer>> = {
  newlines: () => Buffer.alloc(SIZE, '\n'),
  'a body of newlines': () => filled('Subject: a\n\n', '\n'),
  'a report of newlines': () => filled('Content-Type: message/delivery-status\n\n', '\r\n'),
  'a report of blank lines': () => filled('Content-Type: message/delivery-status\n\na:b\n', '\n \t\r'),
  'a report of recipients': () => filled('Content-Type: message/delivery-status\n\n', 'Final-Recipient: a@b.c\n'),
  'a report of diagnostics': () =>
    filled('Content-Type: message/delivery-status\n\nFinal-Recipient: a@b.c\n', 'Diagnostic-Code: 5.1.1 550\n'),
  'lines of one character': () => filled('Subject: a\n\n', 'a\n'),
  'lines of one address': () => filled('Return-Path: <>\n\n', 'a@b.c\n'),
  'lines of colons': () => filled('Return-Path: <>\n\n', 'a:\n\n'),
  'header fields': () => filled('', 'a: b\n'),
  'a header without an end': () => filled('Subject: ', 'a'),
  'folded lines': () => filled('Subject: a', '\n '),
  'encoded words': () => filled('Subject: ', '=?utf-8?B?4oKs?= '),
  'beginnings of encoded words': () => filled('Subject: ', '=?a?Q?='),
  'beginnings of tokens': () => filled(`Subject: ${'eyJ'.repeat(30_000)}\n\n`, 'eyJ'),
  parameters: () => filled('Content-Type: multipart/mixed', '; boundary="'),
  'blanks in a parameter': () => filled('Content-Type: multipart/mixed;', ' '),
  'empty parts': () => filled(MULTIPART, '--a\n'),
  'parts of text': () => filled(MULTIPART, '--a\n\na\n'),
  'parts of messages': () => filled(MULTIPART, '--a\nContent-Type: message/rfc822\n\n'),
  'parts in parts': () => filled(MULTIPART, `--a\n${MULTIPART}`),
  'parts in parts with boundaries of their own': () =>
    Buffer.from(
      [...Array(3_000).keys()].map((n) => `Content-Type: multipart/mixed; boundary=${n}\n\n--${n}\n`).join(''),
    ),
  'lines like a boundary': () => filled('Content-Type: multipart/mixed; boundary="-"\n\n', '---a\n'),
  'a boundary of dashes': () => filled('Content-Type: multipart/mixed; boundary="-"\n\n', '-'),
  'lines of base64': () => filled('Content-Transfer-Encoding: base64\n\n', 'Q\n'),
  'lines of quoted-printable': () => filled('Content-Transfer-Encoding: quoted-printable\n\n', '=\n'),
  'quoted characters': () => filled('Content-Transfer-Encoding: quoted-printable\n\n', '=41'),
  'flowed lines': () => filled('Content-Type: text/plain; format=flowed\n\n', ' \n'),
  'HTML tags': () => filled(HTML, '<a href="'),
  'HTML and newlines': () => filled(HTML, '\n'),
  addresses: () => filled('To: ', '<a@b.c>,"'),
  'escapes of another charset': () => filled('Content-Type: text/plain; charset=iso-2022-jp\n\n', '\x1b$B'),
};
