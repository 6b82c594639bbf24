import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { chromium } from 'playwright-core';

const DEBIAN_CHROMIUM = '/usr/bin/chromium';
const hasNpmChromium = process.platform === 'linux' && process.arch === 'x64';

/** Returns whether a browser is available, and prints a warning if not. */
export function hasBrowser(): boolean {
  if (installed() !== undefined || hasNpmChromium) return true;
  process.stderr.write(
    '\nWARNING: no browser found; the browser tests are SKIPPED. Install one with `apt-get install chromium`, or set CHROMIUM=/path/to/chromium\n\n',
  );
  return false;
}

/** A running headless Chromium. */
export interface RunningBrowser {
  readonly browser: Browser;
  stop(): Promise<void>;
}

/**
 * Starts the Chromium named by `CHROMIUM`, or Debian's, or that of the npm package. Must be called before other code changes the
 * environment.
 */
export async function startBrowser(): Promise<RunningBrowser> {
  const executablePath = installed();
  const options = executablePath === undefined ? await unpackedChromium() : { executablePath };
  const browser = await chromium.launch({ ...options, args: ARGS });
  return { browser, stop: () => browser.close() };
}

/** No sandbox, which containers forbid, and no background requests. */
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

function installed(): string | undefined {
  const { CHROMIUM } = process.env;
  if (CHROMIUM) return CHROMIUM;
  return existsSync(DEBIAN_CHROMIUM) ? DEBIAN_CHROMIUM : undefined;
}

const NODE_MODULES = fileURLToPath(new URL('../../node_modules/', import.meta.url));

/** The npm package's Chromium with its libraries and fonts. The first caller unpacks it, which takes seconds. */
async function unpackedChromium() {
  const { version } = JSON.parse(readFileSync(join(NODE_MODULES, '@sparticuz/chromium/package.json'), 'utf8'));
  const dir = join(NODE_MODULES, `.cache/optout-relay/chromium-${version}`);
  if (!existsSync(dir)) await unpackTo(dir);
  const env = {
    ...process.env,
    LD_LIBRARY_PATH: join(dir, 'al2023', 'lib'),
    FONTCONFIG_FILE: join(dir, 'fonts.conf'),
  };
  return { executablePath: join(dir, 'chromium'), env };
}

/**
 * Unpacks into a temporary folder first, since another process may do the same. The package unpacks its libraries only if it
 * detects Lambda, and everything into the temporary directory.
 * @see https://github.com/Sparticuz/chromium#readme
 */
async function unpackTo(dir: string): Promise<void> {
  mkdirSync(dirname(dir), { recursive: true });
  const temporary = mkdtempSync(`${dir}-`);
  const original = { ...process.env };
  Object.assign(process.env, { AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x', TMPDIR: temporary });
  try {
    const { default: packed } = await import('@sparticuz/chromium');
    await packed.executablePath();
  } finally {
    restore(original);
  }
  writeFileSync(
    join(temporary, 'fonts.conf'),
    fontsIn([join(dir, 'fonts'), '/usr/share/fonts'], join(dir, 'fonts-cache')),
  );
  try {
    renameSync(temporary, dir);
  } catch {
    // Another process was faster.
    rmSync(temporary, { recursive: true });
  }
}

/** https://www.freedesktop.org/software/fontconfig/fontconfig-user.html */
function fontsIn(dirs: readonly string[], cacheDir: string): string {
  return `<fontconfig>${dirs.map((dir) => `<dir>${dir}</dir>`).join('')}<cachedir>${cacheDir}</cachedir></fontconfig>`;
}

function restore(original: Readonly<NodeJS.ProcessEnv>): void {
  for (const name of Object.keys(process.env)) if (!Object.hasOwn(original, name)) delete process.env[name];
  Object.assign(process.env, original);
}

/**
 * Collects what a page must never do: request an origin other than its own and the `others`, write to the console, throw, or
 * violate its content security policy.
 */
export function watchFor(context: BrowserContext, own: string, others: readonly string[] = []): string[] {
  const complaints: string[] = [];
  context.on('request', (request) => {
    if (![own, ...others].includes(new URL(request.url()).origin)) complaints.push(`requested ${request.url()}`);
  });
  context.on('console', (message) => {
    const { url } = message.location();
    const documents = message.page()?.frames() ?? [];
    const isExpected =
      documents.some((frame) => frame.url() === url) || others.some((origin) => url.startsWith(`${origin}/`));
    if (!(ERROR_STATUS.test(message.text()) && isExpected)) complaints.push(`${message.type()}: ${message.text()}`);
  });
  context.on('weberror', (error) => complaints.push(`threw ${error.error().message}`));
  return complaints;
}

/** Chromium's message for an error status. It is expected for error pages, and for requests to the other origins. */
const ERROR_STATUS = /the server responded with a status of [45]\d\d/;

/** A script for a page: whether it scrolls horizontally, or the button is outside the window, with a style on the root. */
export const IS_TOO_WIDE = `((style) => {
  const root = document.documentElement;
  root.style.cssText = style;
  const button = document.querySelector('main button')?.getBoundingClientRect();
  const isOutside = button !== undefined && (button.width === 0 || button.left < 0 || button.right > innerWidth);
  return isOutside || root.scrollWidth > root.clientWidth;
})`;

export function isTooWide(page: Page, style = ''): Promise<boolean> {
  return page.evaluate<boolean>(`${IS_TOO_WIDE}('${style}')`);
}
