import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { html } from '../../functions/pages/html.ts';
import type { Content } from '../../functions/pages/page.ts';
import { page } from '../../functions/pages/page.ts';
import { styleOf } from '../../functions/pages/style.ts';
import type { Theme } from '../../functions/pages/theme.ts';

const content: Content = { title: 'Tea & <biscuits>', body: html`<p>${'<i>'}</p>` };
const shown = (theme: Theme = {}, change: Partial<Content> = {}) => {
  const { status, headers = {}, body = '' } = page(418, { language: 'en', theme }, { ...content, ...change });
  return { status, headers, body, policy: headers['content-security-policy']?.split('; ') };
};
const hashOf = (text = '') => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

it('is a whole page of the status, title and body it was given', () => {
  const { status, headers, body } = shown();

  expect(status).toBe(418);
  expect(headers['content-type']).toBe('text/html; charset=utf-8');
  expect(headers['content-language']).toBe('en');
  expect(body).toMatch(/^<!doctype html>\n<html lang="en" dir="ltr">/);
  expect(body).toContain('<title>Tea &amp; &lt;biscuits&gt;</title>');
  expect(body).toContain('<main>\n<p>&lt;i&gt;</p>\n</main>');
});

it('may do nothing but what it needs: its own style, and a form to ourselves', () => {
  const { policy, body } = shown();
  const [, style] = /<style>(.*)<\/style>/s.exec(body) ?? [];

  expect(policy).toEqual([
    "default-src 'none'",
    `style-src ${hashOf(style)}`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ]);
  expect(body).not.toMatch(/<script|<link|<img|\sstyle=|\son\w+=|https?:/i);
});

it('allows a script of its own, by its hash, and to ask nobody but ourselves', () => {
  const { policy, body } = shown({}, { script: 'go(1 < 2 && "x")' });
  const [, script] = /<script>(.*)<\/script>/s.exec(body) ?? [];

  expect(script).toBe('go(1 < 2 && "x")');
  expect(policy).toContain(`script-src ${hashOf(script)}`);
  expect(policy).toContain("connect-src 'self'");
});

describe('under a brand', () => {
  const brand = { name: 'Tea & Co', logoUrl: 'https://cdn.example.com/logo.svg?a=1&b="2"', color: '#7a3e00' };

  it('shows the name above it and in its title', () => {
    const { body } = shown({ name: brand.name });

    expect(body).toContain('<title>Tea &amp; &lt;biscuits&gt; – Tea &amp; Co</title>');
    expect(body).toContain('<header>Tea &amp; Co</header>');
  });

  it('shows the logo with the name as its text, and lets its origin alone be asked', () => {
    const { body, policy } = shown(brand);

    expect(body).toContain(
      '<header><img src="https://cdn.example.com/logo.svg?a=1&amp;b=&quot;2&quot;" alt="Tea &amp; Co" height="40"></header>',
    );
    expect(policy).toContain('img-src https://cdn.example.com');
    expect(shown({ logoUrl: brand.logoUrl }).body).toContain('alt=""');
  });

  it('has a style of its own, which the policy allows', () => {
    const { body, policy } = shown(brand);
    const [, style = ''] = /<style>(.*)<\/style>/s.exec(body) ?? [];

    expect(style).toContain('--brand:#7a3e00');
    expect(policy).toContain(`style-src ${hashOf(style)}`);
    expect(styleOf('#7a3e00')).toBe(styleOf('#7a3e00'));
  });
});

it('lists all languages, in their own names, where another one may be chosen', () => {
  const { body } = shown({}, { otherLanguages: '&brand=acme' });

  expect(body).toContain('<nav aria-label="Language"><details><summary>English</summary>');
  expect(body).toContain('<a href="?lang=zh-Hant&amp;brand=acme" lang="zh-Hant" hreflang="zh-Hant">繁體中文</a>');
  expect(body.match(/hreflang=/g)).toHaveLength(25);
  expect(shown().body).not.toContain('hreflang');
});

/** WCAG's relative luminance, written apart from the code's. */
function luminance(color: string): number {
  const full = color.length === 4 ? color.replace(/[\da-f]/gi, '$&$&') : color;
  const channels = [full.slice(1, 3), full.slice(3, 5), full.slice(5, 7)].map((pair) => {
    const value = Number.parseInt(pair, 16) / 255;
    return value > 0.04045 ? ((value + 0.055) / 1.055) ** 2.4 : value / 12.92;
  });
  return [0.2126, 0.7152, 0.0722].reduce((sum, weight, index) => sum + weight * (channels[index] ?? 0), 0);
}

const contrast = (one: string, other: string) => {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
};

/** The colours as the style names them, in light or in dark. */
function colorsOf(css: string, scheme: 'light' | 'dark'): Readonly<Record<string, string>> {
  const pairs = (text: string) => [...text.matchAll(/--(\w+):(#[\da-f]+)/gi)].map(([, name, value]) => [name, value]);
  const [light = '', dark = ''] = css.split('@media (prefers-color-scheme:dark)');
  return Object.fromEntries([...pairs(light), ...(scheme === 'dark' ? pairs(dark.slice(0, dark.indexOf('}}'))) : [])]);
}

describe.each(['light', 'dark'] as const)('in %s', (scheme) => {
  // The lightest colour that the configuration lets pass, the darkest, the default, and the primaries.
  it.each([undefined, '#767676', '#000000', '#d60000', '#0000ff', '#007a00'])(
    'can be read when the brand is %s',
    (color) => {
      const {
        brand = '',
        link = '',
        page: ground = '',
        card = '',
        text = '',
        soft = '',
        edge = '',
        good = '',
        bad = '',
      } = colorsOf(styleOf(color).css, scheme);

      expect(contrast('#fff', brand)).toBeGreaterThanOrEqual(4.5);
      for (const ink of [text, soft, link, bad]) expect(contrast(ink, card)).toBeGreaterThanOrEqual(4.5);
      for (const ink of [text, soft]) expect(contrast(ink, ground)).toBeGreaterThanOrEqual(4.5);
      for (const line of [edge, good, bad]) expect(contrast(line, card)).toBeGreaterThanOrEqual(3);
    },
  );
});

it('turns with the script: no side of the style is a left or a right', () => {
  expect(styleOf().css).not.toMatch(/left|right|[;{](?:(?:min|max)-)?(?:width|height):|-(?:top|bottom):/);
});
