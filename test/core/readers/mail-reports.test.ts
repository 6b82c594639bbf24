import { describe, expect, it } from 'vitest';
import type { Mail } from '../../../functions/core/payload/mail.ts';
import { bounceIn, REPORT_PARTS, reportIn } from '../../../functions/core/readers/mail-reports.ts';
import { ADA } from '../examples.ts';

const mail = (change: Partial<Mail>): Mail => ({ fields: new Map(), subject: '', text: '', parts: [], ...change });
const part = (type: string, text: string) => ({ type, text });
const gone = 'Final-Recipient: rfc822; ada@example.com\nAction: failed\nStatus: 5.1.1';
const fromMailSystem = new Map([['return-path', ['<>']]]);

describe('a report', () => {
  it.each([
    ['message/delivery-status', gone, 'hard_bounce'],
    ['message/global-delivery-status', gone, 'hard_bounce'],
    ['message/feedback-report', 'Feedback-Type: abuse', 'complaint'],
  ])('is read from a part of type %s', (type, text, kind) => {
    const report = reportIn(mail({ parts: [part('message/rfc822', 'Subject: News'), part(type, text)] }));

    expect(report?.kindFor(ADA)).toBe(kind);
    expect(report?.returned).toEqual([new Map([['subject', ['News']]])]);
  });

  it('of Microsoft is the returned message alone, not a text that looks like one', () => {
    const header = 'X-HmXmrOriginalRecipient: ada@example.com';

    expect(reportIn(mail({ parts: [part('message/rfc822', header)] }))?.kindFor(ADA)).toBe('complaint');
    expect(reportIn(mail({ text: header }))).toBeUndefined();
  });

  it.each(['message/rfc822', 'text/rfc822-headers', 'constructor'])('is not read from a part of type %s', (type) => {
    expect(reportIn(mail({ parts: [part(type, 'Feedback-Type: abuse')] }))).toBeUndefined();
  });

  it('may return the header in a text', () => {
    const parts = [part('message/delivery-status', gone)];

    const report = reportIn(mail({ parts, text: 'Sorry.\n\nSubject: News\nX-Optout-Token: a\n\nThe news.' }));

    expect(report?.returned.map((fields) => fields.get('x-optout-token'))).toContainEqual(['a']);
  });
});

describe('a bounce in words', () => {
  it('is read from the text of a message that a mail system sent', () => {
    const text = '<ada@example.com>:\nSorry. (#5.1.1)';

    expect(bounceIn(mail({ fields: fromMailSystem, text }))?.kindFor(ADA)).toBe('hard_bounce');
    expect(bounceIn(mail({ text }))).toBeUndefined();
  });
});

it('every part that is read is a report or the returned message', () => {
  expect([...REPORT_PARTS].toSorted()).toEqual([
    'message/delivery-status',
    'message/feedback-report',
    'message/global',
    'message/global-delivery-status',
    'message/global-headers',
    'message/rfc822',
    'text/rfc822-header',
    'text/rfc822-headers',
  ]);
});
