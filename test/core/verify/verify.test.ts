import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Unauthenticated } from '../../../functions/core/model/errors.ts';
import {
  readUnverified,
  requiredHeader,
  sameText,
  usable,
  verifyTimestamp,
  verifyWith,
} from '../../../functions/core/verify/verify.ts';
import { AT, request } from '../examples.ts';

describe('verifyWith', () => {
  const isGood = (secret: string) => secret === 'good';

  it.each([[['good']], [['old', 'good']], [['good', 'old']], [[' good\n']], [['', 'good']]])(
    'accepts %j',
    (secrets) => {
      const incoming = request('as it was sent');

      expect(verifyWith(incoming, secrets, isGood)).toBe(incoming);
    },
  );

  it.each([[['bad']], [['bad', 'worse']], [['GOOD']]])('rejects %j', (secrets) => {
    expect(() => verifyWith(request(), secrets, isGood)).toThrow(new Unauthenticated('no configured secret matches'));
  });

  it.each([[[]], [['']], [[' ', '\n\t']]])('rejects everything with the blank secrets %j', (secrets) => {
    expect(() => verifyWith(request(), secrets, () => true)).toThrow(
      new Unauthenticated('no secret is configured for this source'),
    );
  });

  it('treats an unreadable key as a mismatch, and tries the next one', () => {
    const check = (secret: string) => {
      if (secret === 'broken') throw new Error('not a key');
      return isGood(secret);
    };

    expect(() => verifyWith(request(), ['broken'], check)).toThrow(Unauthenticated);
    verifyWith(request(), ['broken', 'good'], check);
  });
});

it('returns the secrets that are not blank, without white space around them', () => {
  expect(usable([' a\n', '', ' ', 'b c'])).toEqual(['a', 'b c']);
  expect(() => usable([' '])).toThrow(new Unauthenticated('no secret is configured for this source'));
});

it('treats a body whose signed part cannot be read as unauthenticated', () => {
  const fail = () => {
    throw new Error('ada@example.com is not an object');
  };

  expect(readUnverified(() => 7)).toBe(7);
  expect(() => readUnverified(fail)).toThrow(new Unauthenticated('the signed part of the body cannot be read'));
});

it('returns a required header, and rejects a request without it', () => {
  const incoming = request('', { headers: { 'x-sign': 's', 'x-blank': '' } });

  expect(requiredHeader(incoming, 'x-sign')).toBe('s');
  for (const name of ['x-blank', 'x-other']) {
    expect(() => requiredHeader(incoming, name)).toThrow(new Unauthenticated(`header ${name} is missing`));
  }
});

describe('verifyTimestamp', () => {
  const seconds = AT.getTime() / 1000;

  it.each([0, -300, 300])('accepts a time %d seconds from now', (offset) => {
    expect(() => verifyTimestamp(String(seconds + offset), AT, 300)).not.toThrow();
  });

  it.each([
    String(seconds - 301),
    String(seconds + 301),
    '0',
    '',
    'now',
    `${seconds}.5`,
    `${seconds}000`,
    ` ${seconds}`,
    `${seconds}\n`,
    `-${seconds}`,
    '1e9',
    '٣'.repeat(10),
  ])('rejects %j', (timestamp) => {
    expect(() => verifyTimestamp(timestamp, AT, 300)).toThrow(
      new Unauthenticated('the signed time is too far from now'),
    );
  });

  it('rejects everything if the tolerance is not a number', () => {
    expect(() => verifyTimestamp(String(seconds), AT, Number.NaN)).toThrow(Unauthenticated);
  });
});

it('compares two strings', () => {
  const text = fc.string({ unit: 'grapheme' });
  fc.assert(fc.property(text, text, (a, b) => sameText(a, b) === (a === b) && sameText(a, a)));
  expect(sameText('ä', 'aa')).toBe(false);
});
