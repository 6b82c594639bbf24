import { expect, it } from 'vitest';
import { personSignal } from '../../../functions/core/intake/person.ts';
import { ADA, AT, signal } from '../examples.ts';

it('is an opt-out from all email, with the given key', () => {
  expect(personSignal({ email: ADA, occurredAt: AT, eventKey: 'e1' })).toStrictEqual(signal());
});

it('has no key by default, so that every act is a new event', () => {
  expect(personSignal({ email: ADA, occurredAt: AT })).toStrictEqual({ ...signal(), eventKey: undefined });
});
