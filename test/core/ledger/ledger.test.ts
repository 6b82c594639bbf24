import { expect, it } from 'vitest';
import type { Entry } from '../../../functions/core/ledger/ledger.ts';
import { commandOf, emailOf } from '../../../functions/core/ledger/ledger.ts';
import { ADA, AT, plus } from '../examples.ts';

const stored = {
  id: '1',
  source: 'sendgrid',
  kind: 'opt_out',
  scope: { list: '228' },
  email: ADA,
  occurredAt: AT.toISOString(),
  receivedAt: plus(1).toISOString(),
} as const;
const entry: Entry = {
  ...stored,
  state: 'confirmed',
  claimedAt: plus(2).toISOString(),
  closedAt: plus(3).toISOString(),
  attempts: 1,
  lastStatus: 200,
};
const command = { version: 1, ...stored };

it.each<[string, Partial<Entry>, object]>([
  ['without its progress', {}, command],
  ['with its brand', { brand: 'pets' }, { ...command, brand: 'pets' }],
  ['with its assumed time', { isTimeAssumed: true }, { ...command, isTimeAssumed: true }],
  ['with its hold', { hold: 'ambiguous' }, { ...command, hold: 'ambiguous' }],
])('commandOf returns the stored command %s', (_what, change, expected) => {
  expect(commandOf({ ...entry, ...change })).toStrictEqual(expected);
});

it('commandOf returns the command of a contact without the address that was found', () => {
  const { email: _email, ...rest } = command;

  expect(commandOf({ ...entry, contactId: '4711' })).toStrictEqual({ ...rest, contactId: '4711' });
});

it('commandOf returns undefined for an erased entry, or one without a recipient', () => {
  const { email: _email, ...noRecipient } = entry;

  expect(commandOf({ ...entry, erasedAt: AT.toISOString() })).toBeUndefined();
  expect(commandOf(noRecipient)).toBeUndefined();
});

it('emailOf returns the address, but not the hash of an erased entry', () => {
  expect(emailOf(entry)).toBe(ADA);
  expect(emailOf({ ...entry, erasedAt: AT.toISOString() })).toBeUndefined();
});
