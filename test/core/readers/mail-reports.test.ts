import { describe, expect, it } from 'vitest';
import { fieldBlocks } from '../../../functions/core/payload/mail.ts';
import { isComplaint, REPORT_PARTS, reportIn } from '../../../functions/core/readers/mail-reports.ts';
import { ADA } from '../examples.ts';

const kindIn = (type: string, text: string) => reportIn({ type, text })?.(ADA);

/** A delivery status about Ada. */
function status(fields: string, type = 'message/delivery-status') {
  return kindIn(type, `Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; ada@example.com\n${fields}`);
}

describe('a delivery status', () => {
  it.each(['5.1.0', '5.1.1', '5.1.2', '5.1.3', '5.1.6', '5.1.10'])('%s is a hard bounce', (code) => {
    expect(status(`Action: failed\nStatus: ${code}`)).toBe('hard_bounce');
    expect(status(`ACTION: Failed (for good)\nSTATUS: ${code} (said the server)`)).toBe('hard_bounce');
    expect(status(`Action: failed\nStatus: ${code}`, 'message/global-delivery-status')).toBe('hard_bounce');
  });

  it.each([
    '5.1.4',
    '5.1.7',
    '5.1.8',
    '5.2.1',
    '5.2.2',
    '5.3.4',
    '5.4.4',
    '5.5.0',
    '5.7.1',
    '5.0.0',
    '4.1.1',
    '4.4.7',
    '',
    '5',
  ])('%s is a soft bounce', (code) => {
    expect(status(`Action: failed\nStatus: ${code}`)).toBe('soft_bounce');
  });

  it.each([
    ['delayed', 'soft_bounce'],
    ['delivered', 'ignored'],
    ['relayed', 'ignored'],
    ['expanded', 'ignored'],
    ['constructor', 'ignored'],
    ['', 'ignored'],
  ])('with the action %s is %s, whatever the status', (action, kind) => {
    expect(status(`Action: ${action}\nStatus: 5.1.1`)).toBe(kind);
  });

  it('without an action is ignored, and without a status is a soft bounce', () => {
    expect(status('Status: 5.1.1')).toBe('ignored');
    expect(status('Action: failed')).toBe('soft_bounce');
  });

  it.each([
    ['smtp; 550 5.1.1 User unknown', 'hard_bounce'],
    ['SMTP;550-5.1.10 not found', 'hard_bounce'],
    ['smtp; 550 #5.1.1 (see RFC)', 'hard_bounce'],
    ['smtp; 552 5.2.2 full', 'soft_bounce'],
    ['smtp; 550 no such user', 'soft_bounce'],
    ['smtp; 450 5.1.1 later', 'soft_bounce'],
    ['x-unix; 5.1.1', 'soft_bounce'],
    ['x-smtp; 550 5.1.1', 'soft_bounce'],
    ['smtp; 550 said 5.1.1', 'soft_bounce'],
  ])('by Exim is read by the remote server’s response: %s', (diagnostic, kind) => {
    expect(status(`Action: failed\nStatus: 5.0.0\nDiagnostic-Code: ${diagnostic}`)).toBe(kind);
    expect(status(`Action: failed\nStatus: 5.7.1\nDiagnostic-Code: ${diagnostic}`)).toBe('soft_bounce');
  });

  it.each([
    'Final-Recipient: rfc822;ADA@example.com',
    'Final-Recipient: rfc822; <ada@example.com>',
    'Final-Recipient: utf-8; ada@example.com',
    'Final-Recipient: ; ada@example.com',
    'Final-Recipient: rfc822; grace@example.com\nFinal-Recipient: rfc822; ada@example.com',
    'Original-Recipient: rfc822; ada@example.com\nFinal-Recipient: rfc822; a.lovelace@internal.example.com',
  ])('concerns Ada by %s', (recipient) => {
    const other = 'Final-Recipient: rfc822; grace@example.com\nAction: delayed';

    expect(kindIn('message/delivery-status', `${other}\n\n${recipient}\nAction: failed\nStatus: 5.1.1`)).toBe(
      'hard_bounce',
    );
  });

  it.each([
    'Final-Recipient: rfc822; grace@example.com',
    'Final-Recipient: ada@example.com',
    'Final-Recipient: rfc822; ada@example.com.example.org',
    'Final-Recipient: rfc822;',
    'X-Actual-Recipient: rfc822; ada@example.com',
  ])('does not concern Ada by %s', (recipient) => {
    expect(kindIn('message/delivery-status', `${recipient}\nAction: failed\nStatus: 5.1.1`)).toBe('ignored');
  });
});

describe('a feedback report', () => {
  it.each([
    ['abuse', 'complaint'],
    ['Fraud', 'complaint'],
    ['virus', 'complaint'],
    ['other', 'complaint'],
    ['opt-out', 'opt_out'],
    ['not-spam', 'ignored'],
    ['auth-failure', 'ignored'],
    ['x-weather', 'ignored'],
    ['constructor', 'ignored'],
    ['', 'ignored'],
  ])('of type %s is %s', (type, kind) => {
    expect(kindIn('message/feedback-report', `User-Agent: x\nFeedback-Type: ${type}\nVersion: 1`)).toBe(kind);
  });

  it('without a type is ignored', () => {
    expect(kindIn('message/feedback-report', '')).toBe('ignored');
  });
});

it.each(['message/rfc822', 'text/rfc822-headers', 'text/plain', 'constructor'])(
  'a part of type %s is not a report',
  (type) => {
    expect(kindIn(type, 'Feedback-Type: abuse')).toBeUndefined();
  },
);

it('REPORT_PARTS holds every report and every returned mail', () => {
  expect([...REPORT_PARTS].toSorted()).toEqual([
    'message/delivery-status',
    'message/feedback-report',
    'message/global',
    'message/global-delivery-status',
    'message/global-headers',
    'message/rfc822',
    'text/rfc822-headers',
  ]);
});

it('a mail returned by Microsoft is a complaint by one header field', () => {
  const [complaint = new Map(), mail = new Map()] = fieldBlocks('X-HmXmrOriginalRecipient: a\n\nSubject: X-HmXmr');

  expect([isComplaint(complaint), isComplaint(mail)]).toEqual([true, false]);
});
