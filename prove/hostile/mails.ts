const lines = (...all: readonly string[]): Buffer => Buffer.from(`${all.join('\r\n')}\r\n`);
const long = (part: string, length = 250_000): string => part.repeat(Math.floor(length / Buffer.byteLength(part)));
const nested = (depth: number): string =>
  Array.from({ length: depth }, (_none, at) => `Content-Type: multipart/mixed; boundary="b${at}"\r\n\r\n--b${at}`).join(
    '\r\n',
  );

const REPORT = 'Content-Type: multipart/report; report-type=delivery-status; boundary=b';
const part = (type: string, text: string): string => `--b\r\nContent-Type: ${type}\r\n\r\n${text}\r\n`;

/** Hostile emails, by description. `token` is a valid link token, without which an email is not processed further. */
export function hostileMails(token: string): Readonly<Record<string, () => Buffer>> {
  const returned = part('text/rfc822-headers', `X-Optout-Token: ${token}`);
  const bounce = (...more: readonly string[]) => lines('Subject: gone', REPORT, '', ...more, returned, '--b--');
  return {
    nothing: () => Buffer.of(),
    NULs: () => Buffer.alloc(250_000),
    'bytes other than UTF-8': () => Buffer.alloc(250_000, 0xff),
    'an unterminated header': () => lines(`Subject: ${long('a')}`),
    'very many fields': () => lines(long('X: y\r\n'), '', 'text'),
    'a folded field': () => lines(`Subject: a${long('\r\n a')}`, '', 'text'),
    'encoded words': () => lines(`Subject: ${long('=?utf-8?B?4oKs?= ')}`, '', 'text'),
    'unterminated encoded words': () => lines(`Subject: ${long('=?utf-8?Q?=')}`, '', 'text'),
    'addresses in addresses': () => lines(`To: ${long('<a@b.c>,"')}`, `From: ${long('(')}`, '', 'text'),
    'a boundary of blanks': () => lines(`Content-Type: multipart/mixed; boundary="${long(' ')}"`, '', 'text'),
    'very many parameters': () => lines(`Content-Type: multipart/mixed${long('; a*0*=x')}`, '', 'text'),
    'parts in parts': () => lines(nested(5_000)),
    'very many parts': () => bounce(long(part('message/delivery-status', 'Status: 5.1.1'))),
    'emails in emails': () => lines('Subject: a', REPORT, '', long(part('message/rfc822', 'Subject: b\r\n'))),
    'invalid base64': () => lines('Content-Type: text/plain', 'Content-Transfer-Encoding: base64', '', long('=')),
    'invalid quoted-printable': () => lines('Content-Transfer-Encoding: quoted-printable', '', long('=')),
    'a very long status': () => bounce(part('message/delivery-status', `Status: ${long('5.')}`)),
    'very many recipients': () =>
      bounce(part('message/delivery-status', long('Final-Recipient: rfc822; ada@example.com\r\n\r\n'))),
    'polluting fields': () => bounce(part('message/delivery-status', '__proto__: polluted\r\nconstructor: polluted')),
    'an unknown charset': () => bounce(part(`text/plain; charset="${long('x', 50_000)}"`, 'text')),
    'very many tokens': () =>
      lines('Subject: gone', REPORT, '', part('text/rfc822-headers', long(`X-Optout-Token: ${token}\r\n`)), '--b--'),
    'a subject of tokens': () => lines(`Subject: unsubscribe ${long(`${token} `)}`, '', 'text'),
    HTML: () => lines('Content-Type: text/html', '', long('<a href="')),
    'a valid bounce': () =>
      bounce(
        part(
          'message/delivery-status',
          'Reporting-MTA: dns; b.c\r\n\r\nFinal-Recipient: rfc822; ada@example.com\r\nAction: failed\r\nStatus: 5.1.1',
        ),
      ),
  };
}
