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
])('gives %o the name %s and the status %d', (error, name, status) => {
  expect(error).toBeInstanceOf(RelayError);
  expect(error).toMatchObject({ name, status, message: 'why' });
});

it('treats an invalid token as unreadable', () => {
  expect(new InvalidToken('why')).toBeInstanceOf(Unreadable);
});

it('keeps the cause of a failure for the log', () => {
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
])('knows whether the caller caused %o: %s', (error, is) => {
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
])('selects the message for %o on a page: %s', (error, errorCode) => {
  expect(error.errorCode).toBe(errorCode);
});
