import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LanguageHints } from '../../functions/pages/language-choice.ts';
import { chooseLanguage } from '../../functions/pages/language-choice.ts';
import { LANGUAGES } from '../../functions/pages/wording.ts';

describe('chooseLanguage', () => {
  it.each<[string, LanguageHints, string]>([
    ['English', {}, 'en'],
    ['the configured language', { fallback: 'sv' }, 'sv'],
    ['the language of the browser', { acceptLanguage: 'fr', fallback: 'sv' }, 'fr'],
    ['the language of the form field', { field: 'de', acceptLanguage: 'fr', fallback: 'sv' }, 'de'],
    ['the language of the query', { query: 'es', field: 'de', acceptLanguage: 'fr' }, 'es'],
    ['the language of the link', { link: 'it', query: 'es', field: 'de', acceptLanguage: 'fr' }, 'it'],
    ['the next hint after an unsupported language', { link: 'eo', query: 'es' }, 'es'],
    [
      'the next hint after invalid ones',
      { link: '', query: null, field: ['de'], acceptLanguage: 'x', fallback: 'sv' },
      'sv',
    ],
  ])('chooses %s', (_what, hints, language) => {
    expect(chooseLanguage(hints)).toBe(language);
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
  ])('resolves the tag %j to %s in every hint', (tag, language) => {
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
  ])('skips %j', (field) => {
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

  it('returns a supported language for any text, within two seconds', () => {
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
