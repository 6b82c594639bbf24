import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Unauthenticated } from '../../../functions/core/model/errors.ts';
import { requiredHeader, sameText, verifyTimestamp, verifyWith } from '../../../functions/core/verify/verify.ts';
import { AT, request } from '../examples.ts';

describe('prove', () => {
  const isGood = (secret: string) => secret === 'good';

  it.each([[['good']], [['old', 'good']], [['good', 'old']], [[' good\n']], [['', 'good']]])(
    'is content with %j',
    (secrets) => {
      const asked = request('as it was sent');

      expect(verifyWith(asked, secrets, isGood)).toBe(asked);
    },
  );

  it.each([[['bad']], [['bad', 'worse']], [['GOOD']]])('refuses %j', (secrets) => {
    expect(() => verifyWith(request(), secrets, isGood)).toThrow(new Unauthenticated('no configured secret matches'));
  });

  it.each([[[]], [['']], [[' ', '\n\t']]])('refuses everything under %j, which is no secret', (secrets) => {
    expect(() => verifyWith(request(), secrets, () => true)).toThrow(
      new Unauthenticated('no secret is configured for this source'),
    );
  });

  it('takes a key that cannot be read for no proof, and goes on to the next', () => {
    const holds = (secret: string) => {
      if (secret === 'broken') throw new Error('not a key');
      return isGood(secret);
    };

    expect(() => verifyWith(request(), ['broken'], holds)).toThrow(Unauthenticated);
    verifyWith(request(), ['broken', 'good'], holds);
  });
});

it('finds the header that carries a proof, and refuses a request without it', () => {
  const asked = request('', { headers: { 'x-proof': 'p', 'x-blank': '' } });

  expect(requiredHeader(asked, 'x-proof')).toBe('p');
  for (const name of ['x-blank', 'x-other']) {
    expect(() => requiredHeader(asked, name)).toThrow(new Unauthenticated(`header ${name} is missing`));
  }
});

describe('proveFresh', () => {
  const seconds = AT.getTime() / 1000;

  it.each([0, -300, 300])('accepts a time %d seconds from ours', (offset) => {
    verifyTimestamp(String(seconds + offset), AT, 300);
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
  ])('refuses %j', (timestamp) => {
    expect(() => verifyTimestamp(timestamp, AT, 300)).toThrow(
      new Unauthenticated('the signed time is too far from now'),
    );
  });

  it('refuses everything when no tolerance can be told', () => {
    expect(() => verifyTimestamp(String(seconds), AT, Number.NaN)).toThrow(Unauthenticated);
  });
});

it('finds two texts the same exactly when they are', () => {
  const text = fc.string({ unit: 'grapheme' });
  fc.assert(fc.property(text, text, (a, b) => sameText(a, b) === (a === b) && sameText(a, a)));
  expect(sameText('ä', 'aa')).toBe(false);
});
