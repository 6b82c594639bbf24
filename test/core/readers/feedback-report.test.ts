import { expect, it } from 'vitest';
import { fieldBlocks } from '../../../functions/core/payload/mail.ts';
import { feedbackKind, isComplaint } from '../../../functions/core/readers/feedback-report.ts';

it.each([
  ['abuse', 'complaint'],
  ['Fraud', 'complaint'],
  ['other', 'complaint'],
  ['virus', 'soft_bounce'],
  ['opt-out', 'opt_out'],
  ['opt-out-list', 'opt_out'],
  ['not-spam', 'ignored'],
  ['auth-failure', 'ignored'],
  ['x-weather', 'ignored'],
  ['constructor', 'ignored'],
  ['', 'ignored'],
])('a feedback report of type %j is %s', (type, kind) => {
  expect(feedbackKind(`User-Agent: x\nFeedback-Type: ${type}\nVersion: 1`)).toBe(kind);
});

it('a feedback report without a type is ignored', () => {
  expect(feedbackKind('')).toBe('ignored');
});

it('a message that Microsoft returns for its reader is a complaint by one header field alone', () => {
  const [complaint = new Map(), mail = new Map()] = fieldBlocks('X-HmXmrOriginalRecipient: a\n\nSubject: X-HmXmr');

  expect([isComplaint(complaint), isComplaint(mail)]).toEqual([true, false]);
});
