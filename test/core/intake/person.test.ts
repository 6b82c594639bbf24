import { expect, it } from 'vitest';
import { personSignal } from '../../../functions/core/intake/person.ts';
import { ADA, AT, plus, signal } from '../examples.ts';

const keyOf = (change: object = {}) => personSignal({ email: ADA, occurredAt: AT, ...change }).eventKey;

it('is an opt-out from all email, with the given key', () => {
  expect(personSignal({ email: ADA, occurredAt: AT, eventKey: 'e1' })).toStrictEqual(signal());
});

it('keeps the default key stable across releases', () => {
  expect(keyOf()).toBe('ada@example.com  2026-11-02T10:00');
  expect(keyOf({ brand: 'pets' })).toBe('ada@example.com pets 2026-11-02T10:00');
});

it('has one default key per minute', () => {
  expect(keyOf({ occurredAt: plus(59.999) })).toBe(keyOf());
  expect(keyOf({ occurredAt: plus(60) })).not.toBe(keyOf());
});
