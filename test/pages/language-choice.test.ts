import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LanguageHints } from '../../functions/pages/language-choice.ts';
import { chooseLanguage } from '../../functions/pages/language-choice.ts';
import { LANGUAGES } from '../../functions/pages/wording.ts';

describe('chooseLanguage', () => {
  it.each<[string, LanguageHints, string]>([
    ['nothing is told', {}, 'en'],
    ['one is configured', { fallback: 'sv' }, 'sv'],
    ['the browser accepts one', { acceptLanguage: 'fr', fallback: 'sv' }, 'fr'],
    ['a form field says so', { field: 'de', acceptLanguage: 'fr', fallback: 'sv' }, 'de'],
    ['the query says so', { query: 'es', field: 'de', acceptLanguage: 'fr' }, 'es'],
    ['the link says so', { link: 'it', query: 'es', field: 'de', acceptLanguage: 'fr' }, 'it'],
    ['the link says what we do not speak', { link: 'eo', query: 'es' }, 'es'],
    ['all but the last are none', { link: '', query: null, field: ['de'], acceptLanguage: 'x', fallback: 'sv' }, 'sv'],
  ])('picks the strongest word when %s', (_what, told, language) => {
    expect(chooseLanguage(told)).toBe(language);
  });

  it.each([
    ['de', 'de'],
    ['DE', 'de'],
    [' de ', 'de'],
    ['de-AT', 'de'],
    ['de_CH', 'de'],
    ['pt-BR', 'pt'],
    ['en-GB-oxendict', 'en'],
    ['no', 'nb'],
    ['nn-NO', 'nb'],
    ['iw', 'he'],
    ['iw-IL', 'he'],
    ['zh', 'zh-Hans'],
    ['zh-CN', 'zh-Hans'],
    ['zh-SG', 'zh-Hans'],
    ['zh-TW', 'zh-Hant'],
    ['zh_HK', 'zh-Hant'],
    ['zh-MO', 'zh-Hant'],
    ['zh-hant', 'zh-Hant'],
    ['zh-Hans-HK', 'zh-Hans'],
    ['zh-Hant-CN', 'zh-Hant'],
  ])('takes the tag %j for %s, wherever it stands', (tag, language) => {
    expect(chooseLanguage({ link: tag })).toBe(language);
    expect(chooseLanguage({ query: tag })).toBe(language);
    expect(chooseLanguage({ field: tag })).toBe(language);
    if (!tag.includes('_')) expect(chooseLanguage({ acceptLanguage: tag })).toBe(language);
  });

  it.each<[unknown]>([
    [''],
    ['-'],
    ['eo'],
    ['den'],
    ['d'],
    ['de\u0000'],
    ['"><script>'],
    ['../de'],
    ['constructor'],
    ['__proto__'],
    [`de-${'a'.repeat(40)}`],
    [7],
    [{ toString: () => 'de' }],
  ])('passes over %j', (field) => {
    expect(chooseLanguage({ field, fallback: 'uk' })).toBe('uk');
  });

  it.each([
    ['fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5', 'fr'],
    ['eo, fr;q=0.5, de;q=0.9', 'de'],
    ['de;q=0.5,fr;q=0.5', 'de'],
    ['de;q=0,fr;q=0.1', 'fr'],
    ['de;q=0.000, fr;q=0.001', 'fr'],
    ['en;q=0.8,ja', 'ja'],
    ['ja ; q=0.8 , ko;q=1.000', 'ko'],
    ['ZH-tw;Q=0.9', 'zh-Hant'],
    ['*', 'uk'],
    ['de;q=2, fr;q=x, ;, ,,', 'uk'],
    ['de;q=0.5;x=1', 'uk'],
    [`${'eo,'.repeat(400)}de`, 'uk'],
    ['', 'uk'],
  ])('reads Accept-Language: %.50s', (acceptLanguage, language) => {
    expect(chooseLanguage({ acceptLanguage, fallback: 'uk' })).toBe(language);
  });

  it('gives one of ours for any text, soon', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom('d', 'e', '-', '_', ',', ';', 'q', '=', '0', '.', ' ') }),
    );
    const property = fc.property(text, text, text, (link, query, acceptLanguage) => {
      expect(LANGUAGES).toContain(chooseLanguage({ link, query, acceptLanguage }));
    });
    fc.assert(property, { numRuns: 500 });

    const startedAt = performance.now();
    chooseLanguage({ acceptLanguage: `${'a-'.repeat(500_000)};q=`, query: '-'.repeat(1_000_000) });
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});
