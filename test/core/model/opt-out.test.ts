import fc from 'fast-check';
import { expect, it } from 'vitest';
import { defaultKinds } from '../../../functions/core/intake/policy.ts';
import { parseContactId } from '../../../functions/core/model/contact-id.ts';
import { parseEmailAddress } from '../../../functions/core/model/email-address.ts';
import { additionalOptOutId, optOutId } from '../../../functions/core/model/opt-out.ts';
import type { Kind } from '../../../functions/core/model/signal.ts';
import { ADA, contactSignal, signal } from '../examples.ts';

it('keeps ids stable across releases, since a changed id would repeat its opt-out', () => {
  expect(optOutId('acme', signal())).toBe('orP5x8662J0lmi0Its-0p3haN-0k1DeiIQaKhclFFh8');
  expect(optOutId('acme', contactSignal())).toBe('uiqlhdPEx3iMXnrOHsS01txI3eIi9gzudmKBsfJ8lvg');
});

it('derives a stable id for each other address of a contact', () => {
  const id = optOutId('acme', contactSignal());
  const [one, other] = [ADA, parseEmailAddress('grace@example.com')].map((email) => additionalOptOutId(id, email));

  expect(additionalOptOutId(id, ADA)).toBe(one);
  expect(new Set([id, one, other, additionalOptOutId('another', ADA)]).size).toBe(4);
  expect(one).toMatch(/^[\w-]{43}$/);
});

it('derives the same id, of 43 characters, exactly when source, event, recipient and kind are the same', () => {
  const part = fc.tuple(
    fc.stringMatching(/^[a-z-]{1,9}$/),
    fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('a', 'a\nb', '\n', '')),
    fc.constantFrom(ADA, parseEmailAddress('grace@example.com'), '4711', '4712'),
    fc.constantFrom(...(Object.keys(defaultKinds) as Kind[])),
  );
  const recipientOf = (recipient: string) =>
    /^\d+$/.test(recipient) ? { contactId: parseContactId(recipient) } : { email: parseEmailAddress(recipient) };
  const idOf = ([source, eventKey, recipient, kind]: [string, string, string, Kind]) =>
    optOutId(source, { eventKey, kind, ...recipientOf(recipient) });
  const property = fc.property(part, part, (one, other) => {
    expect(idOf(one)).toMatch(/^[\w-]{43}$/);
    expect(idOf(one)).toBe(idOf([...one]));
    expect(idOf(one) === idOf(other)).toBe(one.every((value, index) => value === other[index]));
  });
  fc.assert(property, { numRuns: 500 });
});
