import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Unreadable } from '../../../functions/core/model/errors.ts';
import { isYes, WORDS } from '../../../functions/core/readers/yes-no.ts';

const field = 'Unsubscribe?';
const read = (value: unknown, is?: readonly string[], isNot?: readonly string[]) => isYes(value, { field, is, isNot });
const each = (values: readonly unknown[]) => values.map((value) => [value]);
const isUnclear = new Unreadable('Unsubscribe? is neither yes nor no');

describe('an answer without listed values', () => {
  const yes = [
    true,
    1,
    '1',
    'true',
    'True',
    'on',
    ' yes ',
    'YES',
    'y',
    'Ja',
    'Sí',
    'si',
    'Si\u0301',
    'はい',
    'unsubscribed',
  ];
  const yesInWords = [
    'Yes, unsubscribe me',
    'Yes.',
    'Ja, bitte abmelden',
    'Oui !',
    'はい、配信を停止します',
    'نعم، أوقفوا الرسائل',
  ];
  const yesInParts = [['Yes'], [true], { 0: 'Yes' }, ['0', '1'], ['true', 'false'], ['', 'yes', null]];

  it.each(each([...yes, ...yesInWords, ...yesInParts]))('means yes: %j', (value) => {
    expect(read(value)).toBe(true);
  });

  const no = [
    undefined,
    null,
    '',
    ' ',
    false,
    0,
    'false',
    'No',
    'off',
    'n',
    'Nein',
    'NON',
    'não',
    'हाँ'.replace('हाँ', 'नहीं'),
    'subscribed',
  ];
  const noInWords = ['No, keep me', 'Nein, danke', 'Non ; merci', 'いいえ、続けます'];
  const noInParts = [[], {}, [''], ['No', 'Nein'], [null, false, '0'], ['No, keep me']];

  it.each(each([...no, ...noInWords, ...noInParts]))('means no: %j', (value) => {
    expect(read(value)).toBe(false);
  });

  const words = [
    'maybe',
    'News',
    'No more mail',
    'No thanks',
    'Yes please',
    'true story',
    'on, off',
    '1.5',
    'constructor',
    '❌',
  ];
  it.each([
    'Yes, keep me subscribed',
    'Ja, ich bleibe dabei',
    'No, unsubscribe me',
    'Nein, bitte abmelden',
    'Oui, je veux rester',
  ])('is unreadable if the words contradict it: %s', (value) => {
    expect(() => read(value)).toThrow(new Unreadable('Unsubscribe? contradicts itself'));
  });

  it.each([
    ["Yes, don't keep me", true],
    ['Yes, do not keep me', true],
    ['No, don’t unsubscribe me', false],
    ['Nein, nicht abmelden', false],
  ])('is not contradicted by words that are negated: %s means %s', (value, expected) => {
    expect(read(value)).toBe(expected);
  });

  const others = [
    2,
    Number.NaN,
    ['No', 'News'],
    ['Yes', 'No'],
    ['Yes', 'Yes, all', 'News'],
    [['Yes']],
    [{ id: 7 }],
    { a: {} },
  ];

  it.each(each([...words, ...others]))('is unreadable, and never guessed: %j', (value) => {
    expect(() => read(value)).toThrow(isUnclear);
  });
});

describe('an answer with listed values', () => {
  const is = ['Unsubscribed', 'Cleaned ', "Don't mail me"];
  const isNot = ['Pending'];

  it.each([
    ['unsubscribed', true],
    ['UNSUBSCRIBED ', true],
    ['Don’t\u00a0mail  me', true],
    ['cleaned', true],
    ['yes', true],
    [['News', 'cleaned'], true],
    ['pending', false],
    ['subscribed', false],
    [undefined, false],
    ['', false],
    [[], false],
  ])('%j means yes: %s', (value, expected) => {
    expect(read(value, is, isNot)).toBe(expected);
  });

  it.each(each(['archived', 'not_subscribed', ['pending', 'archived'], ['pending', 'yes', 'no']]))(
    'is unreadable if it is neither listed nor a word for yes or no: %j',
    (value) => {
      expect(() => read(value, is, isNot)).toThrow(isUnclear);
    },
  );

  it('means no if it is listed there, even if it is a word for yes', () => {
    expect(read('yes', ['stop'], ['yes'])).toBe(false);
  });

  it.each([
    [false, true],
    ['No', true],
    ['Nein', true],
    [['0'], true],
    [true, false],
    ['Yes', false],
    ['Yes, keep me', false],
    [['0', '1'], false],
    [undefined, false],
    ['', false],
  ])('answers a question that is the other way round: %j means yes: %s', (value, expected) => {
    expect(read(value, ['no', 'false', '0'])).toBe(expected);
  });
});

describe('the words', () => {
  const pages = readdirSync(new URL('../../../functions/pages/languages', import.meta.url));

  it('cover the languages of the pages', () => {
    const languages = pages.map((file) => file.replace(/(?:-\w+)?\.ts$/, ''));

    expect(Object.keys(WORDS).toSorted()).toEqual([...new Set(languages)].toSorted());
  });

  it.each(Object.entries(WORDS))(
    'of %s mean yes and no, and nothing else in another language',
    (_language, [yes, no]) => {
      expect(yes.split('|').map((word) => read(word.toUpperCase().toLowerCase()))).not.toContain(false);
      expect(no.split('|').map((word) => read(word))).not.toContain(true);
    },
  );
});
