import { expect, it } from 'vitest';
import {
  InvalidToken,
  isCallerError,
  Misconfigured,
  NotFound,
  RateLimited,
  RelayError,
  TooLarge,
  Unauthenticated,
  Unavailable,
  Unreadable,
  UnsupportedBody,
} from '../../../functions/core/model/errors.ts';

it.each([
  [new Unauthenticated('why'), 'Unauthenticated', 401],
  [new Unreadable('why'), 'Unreadable', 400],
  [new InvalidToken('why'), 'InvalidToken', 400],
  [new NotFound('why'), 'NotFound', 404],
  [new TooLarge('why'), 'TooLarge', 413],
  [new UnsupportedBody('why'), 'UnsupportedBody', 415],
  [new RateLimited('why', 60), 'RateLimited', 429],
  [new Unavailable('why'), 'Unavailable', 503],
  [new Unavailable('why', 429), 'Unavailable', 429],
  [new Misconfigured('why'), 'Misconfigured', 503],
])('answers %o by its class', (error, name, status) => {
  expect(error).toBeInstanceOf(RelayError);
  expect(error).toMatchObject({ name, status, message: 'why' });
});

it('takes a token that does not open for an unreadable one', () => {
  expect(new InvalidToken('why')).toBeInstanceOf(Unreadable);
});

it('keeps what made us fail, for the log', () => {
  const cause = new Error('why');

  expect(new Unavailable('why', 503, cause).cause).toBe(cause);
});

it.each([
  [new Unauthenticated('why'), true],
  [new Unreadable('why'), true],
  [new TooLarge('why'), true],
  [new RateLimited('why', 60), true],
  [new Unavailable('why'), false],
  [new Unavailable('why', 429), false],
  [new Misconfigured('why'), false],
  [new Error('why'), false],
  ['why', false],
])('takes %o for the caller’s: %s', (error, is) => {
  expect(isCallerError(error)).toBe(is);
});

it.each([
  [new Unreadable('why'), 'unreadable'],
  [new Unreadable('why', 'badAddress'), 'badAddress'],
  [new InvalidToken('why'), 'badLink'],
  [new NotFound('why'), 'badLink'],
  [new TooLarge('why'), 'tooLarge'],
  [new RateLimited('why', 60), 'tooMany'],
  [new UnsupportedBody('why'), 'unreadable'],
  [new Unavailable('why'), 'failure'],
  [new Misconfigured('why'), 'failure'],
])('knows for %o which words a person is given: %s', (error, errorCode) => {
  expect(error.errorCode).toBe(errorCode);
});
