import { expect, it } from 'vitest';
import { themeOf, withDefaults } from '../../functions/pages/theme.ts';

const common = {
  name: 'Acme',
  logoUrl: 'https://acme.example/logo.svg',
  color: '#123456',
  defaultLanguage: 'de',
} as const;

it('is the common theme unless the brand is configured', () => {
  const pets = { name: 'Pets' };
  const themes = { common, brands: { pets } };

  expect(themeOf(themes, 'pets')).toBe(pets);
  for (const brand of [undefined, '', 'cats', 'constructor', '__proto__']) expect(themeOf(themes, brand)).toBe(common);
});

it('inherits the values of the common theme that a brand omits', () => {
  expect(withDefaults({}, common)).toEqual({ ...common, texts: {} });
  expect(withDefaults({ name: undefined, color: undefined }, common)).toEqual({ ...common, texts: {} });
  expect(withDefaults({ color: '#000000', defaultLanguage: 'fr' }, common)).toMatchObject({
    name: 'Acme',
    color: '#000000',
    defaultLanguage: 'fr',
  });
});

it('never combines the name of one theme with the logo of another', () => {
  expect(withDefaults({ name: 'Pets' }, common).logoUrl).toBeUndefined();
  expect(withDefaults({ logoUrl: 'https://pets.example/logo.svg' }, common).name).toBeUndefined();
});

it('prefers the brand’s wording of each message', () => {
  const texts = { en: { unsubscribe: 'Stop', reload: 'Again' }, de: { unsubscribe: 'Halt' } };
  const own = { en: { unsubscribe: 'Enough' }, fr: { unsubscribe: 'Assez' } };

  expect(withDefaults({ texts: own }, { texts }).texts).toEqual({
    en: { unsubscribe: 'Enough', reload: 'Again' },
    de: { unsubscribe: 'Halt' },
    fr: { unsubscribe: 'Assez' },
  });
});
