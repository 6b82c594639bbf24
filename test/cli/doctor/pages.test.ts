import { expect, it } from 'vitest';
import { checkPages } from '../../../cli/doctor/pages.ts';

const logoUrl = 'https://cdn.example.com/logo.svg';

it('accepts pages with a name or a logo', () => {
  expect(checkPages({ common: { name: 'Acme' }, brands: { pets: { logoUrl } } })).toEqual([
    { check: 'pages', result: 'ok', message: 'they show a name or a logo' },
  ]);
});

it('warns of pages with neither, and names the keys to set', () => {
  expect(checkPages({ common: {}, brands: { pets: { logoUrl }, toys: {} } })).toEqual([
    {
      check: 'pages',
      result: 'warning',
      message: 'they show the host of PUBLIC_URL, because neither a name nor a logo is configured',
      fix: 'set theme.name, brands.toys.name or logoUrl in relay.config.ts',
    },
  ]);
});
