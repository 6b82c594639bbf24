import type { Themes } from '../../functions/pages/theme.ts';
import type { Finding } from './finding.ts';
import { ok, warning } from './finding.ts';

/** Checks that the public pages say whose they are. */
export function checkPages({ common, brands }: Themes): readonly Finding[] {
  const themes = [
    ['theme', common],
    ...Object.entries(brands).map(([name, theme]) => [`brands.${name}`, theme] as const),
  ] as const;
  const nameless = themes.filter(([, { name, logoUrl }]) => name === undefined && logoUrl === undefined);
  if (nameless.length === 0) return [ok('pages', 'they show a name or a logo')];
  const keys = nameless.map(([key]) => `${key}.name`);
  const fix = `set ${keys.join(', ')} or logoUrl in relay.config.ts`;
  return [warning('pages', 'they show the host of PUBLIC_URL, because neither a name nor a logo is configured', fix)];
}
