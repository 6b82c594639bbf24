import { describe, expect, it } from 'vitest';
import { deliveryKind } from '../../../functions/core/readers/delivery-report.ts';
import { ADA } from '../examples.ts';

const ada = 'Final-Recipient: rfc822; ada@example.com';
const gone = 'Action: failed\nStatus: 5.1.1';
/** A report whose recipient is Ada. */
const status = (fields: string) => deliveryKind(`Reporting-MTA: dns; mx\n\n${ada}\n${fields}`, ADA);

describe('a delivery report', () => {
  it('is a hard bounce if the mailbox is gone, in any case and with comments', () => {
    expect(status(gone)).toBe('hard_bounce');
    expect(status('ACTION: Failed (permanently)\nSTATUS: 5.1.1 (said the server)')).toBe('hard_bounce');
    expect(status('Action: failed\nDiagnostic-Code: smtp; 550 5.1.1 gone')).toBe('hard_bounce');
    expect(status('Action: failure\nStatus: 5.1.1')).toBe('hard_bounce');
  });

  it('is a soft bounce for any other failure', () => {
    expect(status('Action: failed\nStatus: 5.2.2')).toBe('soft_bounce');
    expect(status('Action: failed')).toBe('soft_bounce');
    expect(status('Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.7.1 no')).toBe('soft_bounce');
  });

  it.each([
    ['delayed', 'soft_bounce'],
    ['delivered', 'ignored'],
    ['relayed', 'ignored'],
    ['expanded', 'ignored'],
    ['constructor', 'ignored'],
    ['', 'ignored'],
  ])('with the action %j is %s, whatever the code', (action, kind) => {
    expect(status(`Action: ${action}\nStatus: 5.1.1`)).toBe(kind);
  });

  it('is ignored without an action', () => {
    expect(status('Status: 5.1.1')).toBe('ignored');
  });

  it('counts the weaker of repeated fields, in any order', () => {
    for (const order of [(lines: string[]) => lines, (lines: string[]) => lines.toReversed()]) {
      expect(status(order(['Action: failed', 'Status: 5.1.1', 'Status: 5.7.1']).join('\n'))).toBe('soft_bounce');
      expect(status(order(['Action: failed', 'Action: delivered', 'Status: 5.1.1']).join('\n'))).toBe('ignored');
    }
  });
});

describe('the recipient', () => {
  it.each([
    'Final-Recipient: rfc822;ADA@example.com',
    'Final-Recipient: RFC822; <ada@example.com>',
    'Final-Recipient: utf-8; ada@example.com',
    'Final-Recipient: ; ada@example.com',
    'Final-Recipient: ada@example.com',
    'Final-Recipient: <ada@example.com>',
    'Final-Recipient: rfc822; "ada"@example.com',
    'Original-Recipient: <ada@example.com>',
    'Original-Recipient: rfc822; ada@example.com\nFinal-Recipient: rfc822; a.lovelace@internal.example.com',
    'Final-Recipient: rfc822; a.lovelace@internal.example.com\nOriginal-Recipient: rfc822; ada@example.com',
  ])('is Ada by %j', (recipient) => {
    const other = 'Final-Recipient: rfc822; grace@example.com\nAction: delayed';

    expect(deliveryKind(`${other}\n\n${recipient}\n${gone}`, ADA)).toBe('hard_bounce');
  });

  it.each([
    'Final-Recipient: rfc822; grace@example.com',
    'Final-Recipient: rfc822; ada@example.com.example.org',
    'Final-Recipient: x400; /S=ada/OU=example/',
    'Final-Recipient: rfc822;',
    'X-Actual-Recipient: rfc822; ada@example.com',
  ])('is somebody else by %j, so the report says nothing about Ada', (recipient) => {
    expect(deliveryKind(`${recipient}\n${gone}`, ADA)).toBe('ignored');
  });
});

describe('an alias of several mailboxes', () => {
  const member = (name: string, result: string) =>
    `Original-Recipient: rfc822; ada@example.com\nFinal-Recipient: rfc822; ${name}@internal.example.com\n${result}`;
  const left = member('left', gone);

  it.each([
    ['is gone if every member is', member('right', gone), 'hard_bounce'],
    ['is not gone if one received it', member('right', 'Action: relayed\nStatus: 2.0.0'), 'ignored'],
    ['is not gone if one is full', member('right', 'Action: failed\nStatus: 5.2.2'), 'soft_bounce'],
    ['is not gone while one is delayed', member('right', 'Action: delayed\nStatus: 4.4.1'), 'soft_bounce'],
  ])('%s, in either order of the blocks', (_what, right, kind) => {
    expect(deliveryKind(`${left}\n\n${right}`, ADA)).toBe(kind);
    expect(deliveryKind(`${right}\n\n${left}`, ADA)).toBe(kind);
  });
});

describe('recipients without an empty line between them', () => {
  const grace = 'Final-Recipient: rfc822; grace@example.com';
  const full = 'Action: failed\nStatus: 5.2.2';

  it.each([
    [`${grace}\n${full}\n${ada}\n${gone}`, 'hard_bounce'],
    [`${ada}\n${full}\n${grace}\n${gone}`, 'soft_bounce'],
    [`${ada}\n${gone}\n${grace}\n${full}`, 'hard_bounce'],
    [`Reporting-MTA: dns; mx\n${ada}\n${gone}\n${grace}\n${full}`, 'hard_bounce'],
    [`${grace}\n${ada}\n${gone}`, 'hard_bounce'],
    [`${grace}\n${gone}\nOriginal-Recipient: rfc822; ada@example.com\n${grace}\n${full}`, 'soft_bounce'],
    [`${grace}\nOriginal-Recipient: rfc822; ada@example.com\n${full}\n${grace}\n${gone}`, 'soft_bounce'],
  ])('are separate groups: %j', (text, kind) => {
    expect(deliveryKind(text, ADA)).toBe(kind);
  });
});
