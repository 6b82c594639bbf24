import { expect, it } from 'vitest';
import type { Entry } from '../../../functions/core/ledger/ledger.ts';
import { commandOf } from '../../../functions/core/ledger/ledger.ts';
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
  ['as it was stored, and nothing that came of it', {}, command],
  ['with its brand', { brand: 'pets' }, { ...command, brand: 'pets' }],
  ['with why it is to be held', { hold: 'ambiguous' }, { ...command, hold: 'ambiguous' }],
])('gives the command of an entry %s', (_what, change, expected) => {
  expect(commandOf({ ...entry, ...change })).toStrictEqual(expected);
});

it('gives a command about a contact without the address that was found for it', () => {
  const { email: _email, ...about } = command;

  expect(commandOf({ ...entry, contactId: '4711' })).toStrictEqual({ ...about, contactId: '4711' });
});

it('gives no command about a person who is forgotten, or about nobody', () => {
  const { email: _email, ...nobody } = entry;

  expect(commandOf({ ...entry, erasedAt: AT.toISOString() })).toBeUndefined();
  expect(commandOf(nobody)).toBeUndefined();
});
