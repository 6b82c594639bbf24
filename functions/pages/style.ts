import { createHash } from 'node:crypto';

/** A style sheet, and the source expression that allows it in a content security policy. */
export interface Style {
  readonly css: string;
  readonly source: string;
}

export const DEFAULT_COLOR = '#0b57d0';

/** Returns the style of the pages in a brand's color: `#rrggbb`, dark enough for white text. */
export function styleOf(color = DEFAULT_COLOR): Style {
  const style = styles.get(color) ?? createStyle(color);
  styles.set(color, style);
  return style;
}

/** Cached by color. The configuration limits their number. */
const styles = new Map<string, Style>();

function createStyle(color: string): Style {
  const light = lightened(color);
  const css = `:root{--button:${color};--on-button:#fff;--link:${color};${LIGHT}}
@media (prefers-color-scheme:dark){:root{--button:${light};--on-button:#121316;--link:${light};${DARK}}}
${RULES}`;
  return { css, source: hashSource(css) };
}

/** Returns the source expression of an inline style or script for a content security policy. */
export function hashSource(inline: string): string {
  return `'sha256-${createHash('sha256').update(inline).digest('base64')}'`;
}

/** Lightens a color by 70 %, which gives a contrast above 7:1 on the dark page for any allowed color. */
function lightened(color: string): string {
  const channels = [1, 3, 5].map((start) => Number.parseInt(color.slice(start, start + 2), 16));
  return `#${channels.map((value) => Math.round(value + (255 - value) * 0.7).toString(16)).join('')}`;
}

const LIGHT =
  'color-scheme:light dark;--page:#f4f5f7;--card:#fff;--text:#1b1c1f;--soft:#50555c;--line:#d9dce1;--edge:#6e747c;--good:#1a7f37;--bad:#b3261e';
const DARK =
  '--page:#121316;--card:#1d1f23;--text:#e9eaed;--soft:#b3b8c0;--line:#33363c;--edge:#8f959e;--good:#7ee2a8;--bad:#ffb4ab';

/** Sizes in rem follow the reader's font size; logical properties follow the direction of the script. */
const RULES = `*{box-sizing:border-box}
body{margin:0;min-block-size:100vh;padding:2rem 1rem;background:var(--page);color:var(--text);font:1rem/1.55 system-ui,sans-serif;overflow-wrap:break-word}
h1:lang(ja),button:lang(ja){word-break:auto-phrase}
:lang(ko){word-break:keep-all}
header,main,footer{max-inline-size:34rem;margin-inline:auto}
header{margin-block-end:1.25rem;font-weight:600}
header img{display:block;block-size:2.5rem;max-inline-size:100%;object-fit:contain}
main{padding:2rem;background:var(--card);border:1px solid var(--line);border-radius:.75rem}
h1{margin:0 0 .75rem;font-size:1.5rem;line-height:1.3;text-wrap:balance}
p{margin:0 0 1rem;text-wrap:pretty}
main>:last-child,[role=status]>:last-child{margin-block-end:0}
form{margin-block-start:1.5rem}
label{display:block;margin-block-end:.375rem;font-weight:600}
input,button{font:inherit;min-block-size:2.75rem;border-radius:.5rem}
input{display:block;inline-size:100%;margin-block-end:1.25rem;padding:.5rem .75rem;border:1px solid var(--edge);background:var(--card);color:var(--text)}
button{max-inline-size:100%;padding:.625rem 1.5rem;border:1px solid transparent;background:var(--button);color:var(--on-button);font-weight:600;cursor:pointer}
a,summary{padding-block:.625rem;min-inline-size:2.75rem;min-block-size:2.75rem}
a{display:inline-block;max-inline-size:100%;color:var(--link)}
:focus-visible{outline:3px solid var(--text);outline-offset:3px}
main a{margin-block:-.625rem}
[role=status]:focus{outline:0}
[data-state=confirmed] h1::before{content:"";display:block;inline-size:.75rem;block-size:1.375rem;margin:0 .5rem .875rem;border:solid var(--good);border-width:0 .25rem .25rem 0;rotate:45deg}
.error{margin-block-end:.75rem;color:var(--bad);font-weight:600}
[aria-invalid]{border:2px solid var(--bad)}
.times{color:var(--soft)}
.trap{position:absolute;inline-size:1px;block-size:1px;overflow:hidden;clip-path:inset(50%)}
footer{padding:.5rem 2rem;color:var(--soft);font-size:.9375rem}
footer a{color:var(--soft)}
footer p{display:flex;flex-wrap:wrap;column-gap:1.25rem;margin:0;overflow-wrap:anywhere}
nav a{margin-inline-end:1.25rem}
summary{inline-size:fit-content;max-inline-size:100%;cursor:pointer}
svg{inline-size:1.25em;block-size:1.25em;margin-inline-end:.375em;vertical-align:-.25em;fill:none;stroke:currentcolor}
@media (max-width:30rem){body{padding:1rem}main{padding:1.25rem}footer{padding-inline:1.25rem}button{inline-size:100%}}
@media (prefers-color-scheme:dark){header img{padding:.375rem .5rem;background:#fff;border-radius:.375rem}}`;
