import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEmailAddress, parseMailbox } from '../../../functions/core/model/email-address.ts';
import { Unreadable } from '../../../functions/core/model/errors.ts';

const longDomain = `${'d'.repeat(63)}.${'d'.repeat(63)}.example.com`;
const ofLength = (length: number) => `${'a'.repeat(length - longDomain.length - 1)}@${longDomain}`;

describe('parseEmailAddress', () => {
  it.each([
    ['ada@example.com', 'ada@example.com'],
    [' \t Ada.Lovelace@EXAMPLE.com\r\n', 'ada.lovelace@example.com'],
    ['\ufeffada@example.com\u00a0', 'ada@example.com'],
    ['ada+news@example.com', 'ada+news@example.com'],
    ["o'hara/x=y!#$%&*?^_`{|}~-@sub.example.co.uk", "o'hara/x=y!#$%&*?^_`{|}~-@sub.example.co.uk"],
    ['.ada..lovelace.@example.com', '.ada..lovelace.@example.com'],
    ['..@example.com', '..@example.com'],
    ['batch@example.com', 'batch@example.com'],
    ['JÖRG@Müller.Example.COM', 'jörg@müller.example.com'],
    ['ада@пример.example', 'ада@пример.example'],
    ['用户@例子.example', '用户@例子.example'],
    ['مستخدم@مثال.example', 'مستخدم@مثال.example'],
    ['ada@xn--mller-kva.example.com', 'ada@xn--mller-kva.example.com'],
    ['ada@my_host.example.com', 'ada@my_host.example.com'],
    ['🦊@example.com', '🦊@example.com'],
    ['ada%2f..@example.com', 'ada%2f..@example.com'],
    [ofLength(254), ofLength(254)],
    [` ${ofLength(254)} `, ofLength(254)],
    [ofLength(254).padEnd(508), ofLength(254)],
  ])('parses %j', (text, address) => {
    expect(parseEmailAddress(text)).toBe(address);
  });

  it.each([
    ['nothing', ''],
    ['a space', ' '],
    ['a dot', '.'],
    ['two dots', '..'],
    ['a path segment of the API', 'batch'],
    ['no @', 'ada.example.com'],
    ['two @', 'ada@lovelace@example.com'],
    ['an address after an address', 'ada@example.com@example.org'],
    ['a route through another host', '@relay.example.org:ada@example.com'],
    ['no local part', '@example.com'],
    ['no domain', 'ada@'],
    ['a domain without a dot', 'ada@localhost'],
    ['an empty label', 'ada@example..com'],
    ['a domain that begins with a dot', 'ada@.example.com'],
    ['a domain that ends with a dot', 'ada@example.com.'],
    ['an address literal', 'ada@[192.0.2.1]'],
    ['a path', 'ada@example.com/../batch'],
    ['a query', 'ada@example.com?channel=SMS'],
    ['a fragment', 'ada@example.com#x'],
    ['a port', 'ada@example.com:25'],
    ['a display name', 'Ada <ada@example.com>'],
    ['angle brackets', '<ada@example.com>'],
    ['markup', '<script>@example.com'],
    ['a quoted local part', '"ada lovelace"@example.com'],
    ['a comment', 'ada(lovelace)@example.com'],
    ['several addresses', 'ada@example.com,grace@example.com'],
    ['a space inside', 'ada lovelace@example.com'],
    ['a backslash', 'ada\\@example.com'],
    ['a scheme', 'mailto:ada@example.com'],
    ['a null byte', 'ada\0@example.com'],
    ['a newline', 'ada\n@example.com'],
    ['a newline and a header', 'ada@example.com\r\nbcc: grace@example.com'],
    ['a delete character', 'ada\x7f@example.com'],
    ['a C1 control character', 'ada\x85@example.com'],
    ['a lone high surrogate', 'ada\ud800@example.com'],
    ['a lone low surrogate', '\udc00ada@example.com'],
    ['a lone surrogate in the domain', 'ada@example\ud800.com'],
    ['a replacement character for bytes that were not UTF-8', 'j\ufffdrg@example.com'],
    ['a right-to-left mark', 'ada\u200f@example.com'],
    ['a right-to-left override', 'ada\u202e@example.com'],
    ['a zero-width space', 'ada\u200b@example.com'],
    ['a line separator', 'ada\u2028@example.com'],
    ['a no-break space inside', 'ada\u00a0l@example.com'],
    ['a full-width @', 'ada＠example.com'],
    ['an ideographic full stop', 'ada@example。com'],
    ['255 characters', ofLength(255)],
    ['100,000 characters', 'a'.repeat(100_000)],
    ['an address after 600 spaces', `${' '.repeat(600)}ada@example.com`],
    ['undefined', undefined],
    ['null', null],
    ['a number', 7],
    ['a list', ['ada@example.com']],
    ['an object whose string is an address', { toString: () => 'ada@example.com' }],
  ])('rejects %s', (_what, text) => {
    expect(() => parseEmailAddress(text)).toThrow(new Unreadable('the email address is not valid'));
  });

  it('parses any text to an address that is one path segment and parses to itself, or rejects it', () => {
    const text = fc.string({
      unit: fc.constantFrom(...'aB.@/%?#:_-+<"\0\ud800\udc00', '..', 'ä', 'İ', 'Σ', 'ﬁ', '\u200f', '\ufffd', '🦊'),
    });
    const texts = fc.oneof(
      text,
      fc.tuple(text, text).map(([a, b]) => `${a}@${b}.example`),
    );
    const property = fc.property(texts, (text) => {
      const address = read(text);
      if (address === undefined) return;
      const path = `/statuses/${encodeURIComponent(address)}/unsubscribe-all`;
      expect(new URL(path, 'https://api.example.com').pathname).toBe(path);
      expect(parseEmailAddress(address)).toBe(address);
    });
    fc.assert(property, { numRuns: 2_000 });
  });
});

function read(text: string): string | undefined {
  try {
    return parseEmailAddress(text);
  } catch (error) {
    expect(error).toBeInstanceOf(Unreadable);
    return undefined;
  }
}

it.each([
  'ada@example.com',
  '<ada@example.com>',
  'Ada <Ada@example.com> ',
  '"Lovelace, Ada" <ada@example.com>',
  'a@b.example <ada@example.com>',
])('parses the address in %j', (mailbox) => {
  expect(parseMailbox(mailbox)).toBe('ada@example.com');
});

it.each(['Ada', '<>', '<ada@example.com> Ada', '<ada@example.com', 'Ada <ada>', 7, ['<ada@example.com>'], undefined])(
  'rejects %j as a mailbox',
  (mailbox) => {
    expect(() => parseMailbox(mailbox)).toThrow(new Unreadable('the email address is not valid'));
  },
);
