import type { BrowserContext } from 'playwright-core';
import type { Language } from '../../functions/pages/wording.ts';
import { pagesIn } from '../pages/every-page.ts';
import type { VisitResult } from '../pages/visitor.ts';

/** The languages of the screenshots. */
export const SHOWN: readonly Language[] = ['en', 'de', 'ja', 'ar'];
export const SCHEMES = ['light', 'dark'] as const;
/** Widths of a phone, a tablet and a laptop in pixels. */
export const WIDTHS = [320, 768, 1280] as const;

export const SHEETS_ORIGIN = 'https://sheets.example.com';

/** The origin of the brand's logo, and a typical logo: wide, and dark on a transparent background. */
export const LOGO_ORIGIN = 'https://cdn.example.com';
const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 48"><circle cx="24" cy="24" r="20" fill="#7a3e00"/>
<text x="56" y="33" font-family="sans-serif" font-size="26" font-weight="700" fill="#1b1c1f">Example Pets</text></svg>`;

export function serveLogo(context: BrowserContext): Promise<unknown> {
  return context.route(`${LOGO_ORIGIN}/**`, (route) => route.fulfill({ contentType: 'image/svg+xml', body: LOGO }));
}

/** Serves a sheet with every page of a language at `/{language}?{width}`. Each page is in a frame with its own policy and script. */
export async function serveSheets(context: BrowserContext): Promise<void> {
  await serveLogo(context);
  await context.route(`${SHEETS_ORIGIN}/**`, async (route) => {
    const { pathname, search } = new URL(route.request().url());
    const [language = '', name] = decodeURI(pathname).slice(1).split('/');
    const pages = await pagesIn(language as Language);
    const page = name === undefined ? sheetOf(language, Object.keys(pages), Number(search.slice(1))) : pages[name];
    await route.fulfill(page ? framed(page) : { status: 204 });
  });
}

/** Allows a page in a frame, and changes nothing else. */
function framed({ status, headers, body }: Pick<VisitResult, 'status' | 'headers' | 'body'>) {
  const policy = headers['content-security-policy']?.replace("; frame-ancestors 'none'", '') ?? '';
  return { status, headers: { ...headers, 'content-security-policy': policy }, body };
}

function sheetOf(language: string, names: readonly string[], width: number) {
  const frames = names.map((name) => `<figure><iframe src="/${language}/${name}"></iframe>${name}</figure>`);
  const body = `<!doctype html>
<title>${language}</title>
<style>body{display:grid;grid-template-columns:repeat(${width > 400 ? 3 : 6},auto)}figure{margin:8px;text-align:center}iframe{display:block;border:0;width:${width}px;height:${width > 400 ? 560 : 700}px}</style>
${frames.join('\n')}`;
  return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
}
