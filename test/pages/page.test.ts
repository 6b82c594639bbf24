import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { html } from '../../functions/pages/html.ts';
import type { Content } from '../../functions/pages/page.ts';
import { page } from '../../functions/pages/page.ts';
import { styleOf } from '../../functions/pages/style.ts';
import type { Theme } from '../../functions/pages/theme.ts';

const content: Content = { title: 'Tea & <biscuits>', body: html`<p>${'<i>'}</p>` };
const render = (theme: Theme = {}, change: Partial<Content> = {}) => {
  const { status, headers = {}, body = '' } = page(418, { language: 'en', theme }, { ...content, ...change });
  return { status, headers, body, policy: headers['content-security-policy']?.split('; ') };
};
const hashOf = (text = '') => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

it('has the given status, title and body', () => {
  const { status, headers, body } = render();

  expect(status).toBe(418);
  expect(headers['content-type']).toBe('text/html; charset=utf-8');
  expect(headers['content-language']).toBe('en');
  expect(body).toMatch(/^<!doctype html>\n<html lang="en" dir="ltr">/);
  expect(body).toContain('<title>Tea &amp; &lt;biscuits&gt;</title>');
  expect(body).toContain('<main>\n<p>&lt;i&gt;</p>\n</main>');
});

it('allows only its own style and forms that post to the relay', () => {
  const { policy, body } = render();
  const [, style] = /<style>(.*)<\/style>/s.exec(body) ?? [];

  expect(policy).toEqual([
    "default-src 'none'",
    `style-src ${hashOf(style)}`,
    'img-src data:',
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ]);
  expect(body).not.toMatch(/<script|<link (?!rel="icon" href="data:)|<img|\sstyle=|\son\w+=|https?:/i);
});

it('allows its script by hash, and connections to the relay only', () => {
  const { policy, body } = render({}, { script: 'go(1 < 2 && "x")' });
  const [, script] = /<script>(.*)<\/script>/s.exec(body) ?? [];

  expect(script).toBe('go(1 < 2 && "x")');
  expect(policy).toContain(`script-src ${hashOf(script)}`);
  expect(policy).toContain("connect-src 'self'");
});

describe('with a theme', () => {
  const brand = { name: 'Tea & Co', logoUrl: 'https://cdn.example.com/logo.svg?a=1&b="2"', color: '#7a3e00' };

  it('shows the name in the header and the title', () => {
    const { body } = render({ name: brand.name });

    expect(body).toContain('<title>Tea &amp; &lt;biscuits&gt; – Tea &amp; Co</title>');
    expect(body).toContain('<header>Tea &amp; Co</header>');
  });

  it('shows the logo with the name as its alternative text, and allows the logo’s origin', () => {
    const { body, policy } = render(brand);

    expect(body).toContain(
      '<header><img src="https://cdn.example.com/logo.svg?a=1&amp;b=&quot;2&quot;" alt="Tea &amp; Co" height="40"></header>',
    );
    expect(policy).toContain('img-src data: https://cdn.example.com');
    expect(render({ logoUrl: brand.logoUrl }).body).toContain('alt=""');
  });

  it('has a style in the brand’s color, which the policy allows', () => {
    const { body, policy } = render(brand);
    const [, style = ''] = /<style>(.*)<\/style>/s.exec(body) ?? [];

    expect(style).toContain('--button:#7a3e00');
    expect(body).toMatch(/<link rel="icon" href="data:image\/svg\+xml,[^"]*%237a3e00/);
    expect(policy).toContain(`style-src ${hashOf(style)}`);
    expect(styleOf('#7a3e00')).toBe(styleOf('#7a3e00'));
  });
});

it('lists all languages by their own names if the reader may choose one', () => {
  const { body } = render({}, { otherLanguages: '&brand=acme' });

  expect(body).toMatch(
    /<nav aria-labelledby="language"><details><summary id="language"><svg .*<\/svg>Language: English</,
  );
  expect(body).toContain('<a href="?lang=zh-Hant&amp;brand=acme" lang="zh-Hant" hreflang="zh-Hant">繁體中文</a>');
  expect(body.match(/hreflang=/g)).toHaveLength(25);
  expect(render().body).not.toContain('hreflang');
});

it('links the privacy policy and the legal notice, each if it is configured', () => {
  const [privacyUrl, legalUrl] = ['https://example.com/privacy?a=1&b="2"', 'https://example.com/legal'];

  expect(render({ privacyUrl, legalUrl }).body).toContain(`<footer>
<p><a href="https://example.com/privacy?a=1&amp;b=&quot;2&quot;">Privacy policy</a>
<a href="https://example.com/legal">Legal notice</a>
</p>
</footer>`);
  expect(render({ legalUrl }).body).not.toContain('Privacy policy');
  expect(render({ privacyUrl }, { otherLanguages: '' }).body).toMatch(/<footer>\n<p>.*<\/p>\n<nav .*<\/footer>/s);
  expect(render().body).not.toContain('<footer');
});

/** Relative luminance as WCAG defines it, implemented independently of the code under test. */
function luminance(color: string): number {
  const full = color.length === 4 ? color.replace(/[\da-f]/gi, '$&$&') : color;
  const channels = [full.slice(1, 3), full.slice(3, 5), full.slice(5, 7)].map((pair) => {
    const value = Number.parseInt(pair, 16) / 255;
    return value > 0.04045 ? ((value + 0.055) / 1.055) ** 2.4 : value / 12.92;
  });
  return [0.2126, 0.7152, 0.0722].reduce((sum, weight, index) => sum + weight * (channels[index] ?? 0), 0);
}

const contrast = (foreground: string, background: string) => {
  const [dark = 0, light = 0] = [luminance(foreground), luminance(background)].toSorted((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
};

/** The colors of the style in the light or dark scheme, by name. */
function colorsOf(css: string, scheme: 'light' | 'dark'): Readonly<Record<string, string>> {
  const pairs = (text: string) =>
    [...text.matchAll(/--([\w-]+):(#[\da-f]+)/gi)].map(([, name, value]) => [name, value]);
  const [light = '', dark = ''] = css.split('@media (prefers-color-scheme:dark)');
  return Object.fromEntries([...pairs(light), ...(scheme === 'dark' ? pairs(dark.slice(0, dark.indexOf('}}'))) : [])]);
}

describe.each(['light', 'dark'] as const)('in %s', (scheme) => {
  // The default, the lightest color that the configuration allows, the darkest, and the primaries.
  it.each([undefined, '#767676', '#000000', '#d60000', '#0000ff', '#007a00'])(
    'has sufficient contrast with the brand color %s',
    (color) => {
      const {
        'on-button': onButton = '',
        button = '',
        link = '',
        page: ground = '',
        card = '',
        text = '',
        soft = '',
        edge = '',
        good = '',
        bad = '',
      } = colorsOf(styleOf(color).css, scheme);

      expect(contrast(onButton, button)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(button, card)).toBeGreaterThanOrEqual(4.5);
      for (const ink of [text, soft, link, bad]) expect(contrast(ink, card)).toBeGreaterThanOrEqual(4.5);
      for (const ink of [text, soft]) expect(contrast(ink, ground)).toBeGreaterThanOrEqual(4.5);
      for (const line of [edge, good, bad]) expect(contrast(line, card)).toBeGreaterThanOrEqual(3);
    },
  );
});

it('uses logical properties only, so that it follows the direction of the script', () => {
  expect(styleOf().css).not.toMatch(/left|right|[;{](?:(?:min|max)-)?(?:width|height):|-(?:top|bottom):/);
});

it('keeps phrases together in Japanese headings and words in Korean, and breaks other text anywhere', () => {
  expect(styleOf().css.match(/.*word-break:.*/g)).toEqual([
    'h1:lang(ja),button:lang(ja){word-break:auto-phrase}',
    ':lang(ko){word-break:keep-all}',
  ]);
});
