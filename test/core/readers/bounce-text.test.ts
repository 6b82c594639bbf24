import { describe, expect, it } from 'vitest';
import { isBounce, textKind } from '../../../functions/core/readers/bounce-text.ts';
import { ADA } from '../examples.ts';

const QMAIL = 'Hi. This is qmail-send.\n\n<ada@example.com>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n';

describe('a bounce', () => {
  it.each([
    ['return-path', '<>'],
    ['return-path', '<MAILER-DAEMON@mx.example.org>'],
    ['from', 'Mail Delivery <postmaster@example.org>'],
    ['x-failed-recipients', 'ada@example.com'],
  ])('is a message of a mail system by %s: %s', (name, value) => {
    expect(isBounce(new Map([[name, [value]]]))).toBe(true);
  });

  it.each([
    ['return-path', '<ada@example.com>'],
    ['from', 'postmaster <ada@example.com>'],
    ['subject', 'mailer-daemon@example.org'],
  ])('is not a message with %s: %s', (name, value) => {
    expect(isBounce(new Map([[name, [value]]]))).toBe(false);
  });
});

describe('a bounce in words', () => {
  it.each([
    ['qmail', QMAIL],
    ['Exim', 'The following address(es) failed:\n\n  ada@example.com\n    host mx: 550 5.1.1 User unknown\n'],
    ['Exim, address not quoted', '  ada@example.com:\n    550 Unrouteable address\n'],
    ['Gmail', 'permanently:\n\n     ada@example.com\n\nThe error was:\n550 5.1.1 The account does not exist\n'],
    ['Postfix', '<ada@example.com>: host mx[192.0.2.1] said: 550 5.1.1 unknown (in reply to RCPT TO command)'],
    ['a quoted local part', '<"ada"@example.com>:\nSorry. (#5.1.1)'],
    ['a list', '   * ada@example.com\n\nTechnical details:\n\n553 5.3.0 <ada@example.com>... No such user here'],
    ['a server without codes', '<ada@example.com>:\nThis user does not exist.'],
    ['Exim without codes', '  ada@example.com\n    Unrouteable address\n'],
    ['Yahoo', "<ada@example.com>:\ndelivery error: dd This user doesn't have a example.com account [-9]"],
    ['Domino', '<ada@example.com>:\nUser ada (ada@example.com) not listed in Domino Directory'],
  ])('of %s is hard by its code and words', (_server, text) => {
    expect(textKind(text, ADA)).toBe('hard_bounce');
    expect(textKind(text.replaceAll('\n', '\r\n'), ADA)).toBe('hard_bounce');
  });

  it.each([
    ['another code', '<ada@example.com>:\nUser unknown. (#5.2.2)'],
    ['no code and no clear words', '<ada@example.com>:\nSorry, it did not work.'],
    ['a delay', '<ada@example.com>:\nUnknown host, will try again later.'],
    ['a sender that was rejected', '<ada@example.com>:\n550 5.1.1 Sender rejected'],
    ['two results', `${QMAIL}<ada@example.com>:\nMailbox full. (#5.2.2)`],
    ['a list of addresses before the code', 'grace@example.com\nada@example.com\n\n550 5.1.1 User unknown'],
    ['another address before the code', '<ada@example.com>:\n<grace@example.com>:\n550 5.1.1 User unknown'],
    [
      'the code in the returned message',
      '<ada@example.com>:\nSorry.\n\nReceived: from a\nSubject: 550 5.1.1 User unknown',
    ],
    [
      'the code after a line of dashes',
      '<ada@example.com>:\nSorry.\n\n--- a copy of the message\n550 5.1.1 User unknown',
    ],
  ])('is soft with %s', (_what, text) => {
    expect(textKind(text, ADA)).toBe('soft_bounce');
  });

  it.each([
    ['nobody', '550 5.1.1 User unknown'],
    ['somebody else', '<grace@example.com>:\n550 5.1.1 User unknown'],
    [
      'an alias of the recipient',
      '  left@internal.example.com\n    (generated from ada@example.com)\n    550 5.1.1 unknown',
    ],
    ['the recipient in a sentence', 'Your message to ada@example.com failed: 550 5.1.1 User unknown'],
    ['an address that is not valid', '<ada@@example.com>:\n550 5.1.1 User unknown'],
    ['nothing', ''],
  ])('about %s says nothing', (_whom, text) => {
    expect(textKind(text, ADA)).toBe('ignored');
  });

  it('is read past the transcript of the session, and up to the returned message', () => {
    const transcript = '<ada@example.com>\n\n----- Transcript of session follows -----\n<<< 550 5.1.1 User unknown\n';

    expect(textKind(`${transcript}\nDKIM-Signature: a`, ADA)).toBe('hard_bounce');
  });
});
