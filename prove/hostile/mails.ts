import { HOSTILE_MAILS } from '../../test/mail/hostile-mails.ts';

type Mails = Readonly<Record<string, () => Buffer>>;

const lines = (...all: readonly string[]): Buffer => Buffer.from(`${all.join('\r\n')}\r\n`);
const long = (part: string, length = 250_000): string => part.repeat(Math.floor(length / Buffer.byteLength(part)));
/** The relay reads 64 KiB of a part. */
const filled = (part: string): string => long(part, 64_000);

const REPORT = 'Content-Type: multipart/report; report-type=delivery-status; boundary=b';
const part = (type: string, text: string): string => `--b\r\nContent-Type: ${type}\r\n\r\n${text}\r\n`;
const ADA = 'Final-Recipient: rfc822; ada@example.com\r\nAction: failed';

/** Hostile emails, by description. `token` is a valid link token, without which an email is not processed further. */
export function hostileMails(token: string): Mails {
  return { ...HOSTILE_MAILS, ...withoutToken, ...reports(token), ...wordsOnly(token), ...withTokens(token) };
}

const withoutToken: Mails = {
  nothing: () => Buffer.of(),
  NULs: () => Buffer.alloc(250_000),
  'bytes other than UTF-8': () => Buffer.alloc(250_000, 0xff),
  'emails in emails': () => lines('Subject: a', REPORT, '', long(part('message/rfc822', 'Subject: b\r\n'))),
};

function reports(token: string): Mails {
  const returned = part('text/rfc822-headers', `X-Optout-Token: ${token}`);
  const report = (...parts: readonly string[]) => lines('Subject: gone', REPORT, '', ...parts, returned, '--b--');
  const status = (text: string) => report(part('message/delivery-status', text));
  return {
    'very many parts': () => report(long(part('message/delivery-status', 'Status: 5.1.1'))),
    'an unknown charset': () => report(part(`text/plain; charset="${long('x', 50_000)}"`, 'text')),
    'a very long status': () => status(`${ADA}\r\nStatus: ${filled('5.')}`),
    'a very long diagnostic': () => status(`${ADA}\r\nDiagnostic-Code: ${filled('550 user 5.1.')}`),
    'very many diagnostics': () => status(filled(`${ADA}\r\nDiagnostic-Code: 550 user a\r\n`)),
    'very many recipients': () => status(filled(`${ADA}\r\n\r\n`)),
    'polluting fields': () => status('__proto__: polluted\r\nconstructor: polluted'),
    'a valid bounce': () => status(`Reporting-MTA: dns; b.c\r\n\r\n${ADA}\r\nStatus: 5.1.1`),
  };
}

/** Bounces without a machine-readable part. */
function wordsOnly(token: string): Mails {
  const words = (text: string) => lines('Return-Path: <>', '', text, '', `X-Optout-Token: ${token}`);
  return {
    'words about very many recipients': () => words(filled('<ada@example.com>:\r\n550 5.1.1 User unknown\r\n')),
    'words of addresses alone': () => words(filled('ada@example.com\r\n')),
    'words without an end': () => words(`<ada@example.com>:\r\n${filled('user ')}`),
    'words of dashes': () => words(`<ada@example.com>:\r\n${filled('-')}`),
  };
}

function withTokens(token: string): Mails {
  return {
    'very many tokens': () =>
      lines(REPORT, '', part('text/rfc822-headers', long(`X-Optout-Token: ${token}\r\n`)), '--b--'),
    'a subject of tokens': () => lines(`Subject: unsubscribe ${long(`${token} `)}`, '', 'text'),
  };
}
