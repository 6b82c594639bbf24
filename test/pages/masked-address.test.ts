import { expect, it } from 'vitest';
import { parseEmailAddress } from '../../functions/core/model/email-address.ts';
import { maskedAddress } from '../../functions/pages/masked-address.ts';

it.each([
  ['jane.doe@example.com', 'j•••@example.com'],
  ['ada@mail.example.co.uk', 'a•••@mail.example.co.uk'],
  ['jo@example.com', '•••@example.com'],
  ['j@example.com', '•••@example.com'],
  ['łukasz@example.com', 'ł•••@example.com'],
])('masks %s as %s', (address, masked) => {
  expect(maskedAddress(parseEmailAddress(address))).toBe(masked);
});
