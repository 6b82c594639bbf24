import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { chromium } from 'playwright-core';

const DEBIANS = '/usr/bin/chromium';
const isInNpm = process.platform === 'linux' && process.arch === 'x64';

/** Whether the journeys can be made here; says aloud when not, and what would help. */
export function hasBrowser(): boolean {
  if (installed() !== undefined || isInNpm) return true;
  process.stderr.write(
    '\nWARNING: no browser, so the browser tests are SKIPPED. Get one by `apt-get install chromium`, or name yours: CHROMIUM=/path/to/chromium\n\n',
  );
  return false;
}

/** A running Chromium without a window. */
export interface RunningBrowser {
  readonly browser: Browser;
  stop(): Promise<void>;
}

/**
 * Starts the Chromium that `CHROMIUM` names, else Debian's, else the one that an npm package holds. To be called before
 * anything that sets the environment.
 */
export async function startBrowser(): Promise<RunningBrowser> {
  const executablePath = installed();
  const found = executablePath === undefined ? await unpacked() : { executablePath };
  const browser = await chromium.launch({ ...found, args: ARGS });
  return { browser, stop: () => browser.close() };
}

/** No sandbox, since containers forbid it; no word to anybody on the network. */
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
  return existsSync(DEBIANS) ? DEBIANS : undefined;
}

const NODE_MODULES = fileURLToPath(new URL('../../node_modules/', import.meta.url));

/** The npm package's Chromium with its libraries and fonts, unpacked by the first who needs it: that takes seconds. */
async function unpacked() {
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
 * Into a folder of its own first, since two may be at it at once. The libraries come out only where the package takes
 * itself to be on Lambda (https://github.com/Sparticuz/chromium#readme), and everything where it takes temporary files to be.
 */
async function unpackTo(dir: string): Promise<void> {
  mkdirSync(dirname(dir), { recursive: true });
  const own = mkdtempSync(`${dir}-`);
  const usual = { ...process.env };
  Object.assign(process.env, { AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x', TMPDIR: own });
  try {
    const { default: packed } = await import('@sparticuz/chromium');
    await packed.executablePath();
  } finally {
    restore(usual);
  }
  writeFileSync(join(own, 'fonts.conf'), fontsIn([join(dir, 'fonts'), '/usr/share/fonts'], join(dir, 'fonts-cache')));
  try {
    renameSync(own, dir);
  } catch {
    // The other was quicker.
    rmSync(own, { recursive: true });
  }
}

/** https://www.freedesktop.org/software/fontconfig/fontconfig-user.html */
function fontsIn(dirs: readonly string[], cacheDir: string): string {
  return `<fontconfig>${dirs.map((dir) => `<dir>${dir}</dir>`).join('')}<cachedir>${cacheDir}</cachedir></fontconfig>`;
}

function restore(usual: Readonly<NodeJS.ProcessEnv>): void {
  for (const name of Object.keys(process.env)) if (!Object.hasOwn(usual, name)) delete process.env[name];
  Object.assign(process.env, usual);
}

/**
 * What a page must never do: call another origin than its own and the `others`, complain in the console, break its own
 * content security policy.
 */
export function watchFor(context: BrowserContext, own: string, others: readonly string[] = []): string[] {
  const complaints: string[] = [];
  context.on('request', (request) => {
    if (![own, ...others].includes(new URL(request.url()).origin)) complaints.push(`asked ${request.url()}`);
  });
  context.on('console', (message) => {
    const { url } = message.location();
    const documents = message.page()?.frames() ?? [];
    const isTold =
      documents.some((frame) => frame.url() === url) || others.some((origin) => url.startsWith(`${origin}/`));
    if (!(REFUSED.test(message.text()) && isTold)) complaints.push(`${message.type()}: ${message.text()}`);
  });
  context.on('weberror', (error) => complaints.push(`threw ${error.error().message}`));
  return complaints;
}

/** What the console says of something wrong that was sent to another origin, and of a page that is itself the answer to it. */
const REFUSED = /the server responded with a status of [45]\d\d/;

/** In a page: whether one would have to scroll sideways, or the button stands outside the window, with a style on the root. */
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
