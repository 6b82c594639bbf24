import { expect, it } from 'vitest';
import { completed, lookOf } from '../../functions/pages/theme.ts';

const common = {
  name: 'Acme',
  logoUrl: 'https://acme.example/logo.svg',
  color: '#123456',
  defaultLanguage: 'de',
} as const;

it('is the common one, unless the brand is known', () => {
  const pets = { name: 'Pets' };
  const looks = { common, brands: { pets } };

  expect(lookOf(looks, 'pets')).toBe(pets);
  for (const brand of [undefined, '', 'cats', 'constructor', '__proto__']) expect(lookOf(looks, brand)).toBe(common);
});

it('of a brand has what the common one has and it has not', () => {
  expect(completed({}, common)).toEqual({ ...common, texts: {} });
  expect(completed({ name: undefined, color: undefined }, common)).toEqual({ ...common, texts: {} });
  expect(completed({ color: '#000000', defaultLanguage: 'fr' }, common)).toMatchObject({
    name: 'Acme',
    color: '#000000',
    defaultLanguage: 'fr',
  });
});

it('never shows the name of one with the logo of another', () => {
  expect(completed({ name: 'Pets' }, common).logoUrl).toBeUndefined();
  expect(completed({ logoUrl: 'https://pets.example/logo.svg' }, common).name).toBeUndefined();
});

it('takes each wording from the brand first', () => {
  const texts = { en: { unsubscribe: 'Stop', reload: 'Again' }, de: { unsubscribe: 'Halt' } };
  const own = { en: { unsubscribe: 'Enough' }, fr: { unsubscribe: 'Assez' } };

  expect(completed({ texts: own }, { texts }).texts).toEqual({
    en: { unsubscribe: 'Enough', reload: 'Again' },
    de: { unsubscribe: 'Halt' },
    fr: { unsubscribe: 'Assez' },
  });
});
