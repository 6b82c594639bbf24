import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { Liquid } from 'liquidjs';

const ROOT = join(import.meta.dirname, '../..');
const DOCS = readFileSync(join(ROOT, 'docs/forms.md'), 'utf8');

/** Returns the code of a section of docs/forms.md, for this relay. */
function codeOf(title: string, language: string, relay: string): string {
  const [, section = ''] = DOCS.split(`\n## ${title}\n`);
  const [, code = ''] = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(section) ?? [];
  return code.replaceAll('https://optout.example.com', relay);
}

/** Builds the page of each recipe. `scripts` are inline scripts of the page, which are not part of the recipe. */
export const recipes: Readonly<Record<string, (relay: string) => string | Promise<string>>> = {
  'plain HTML': (relay) => pageOf(codeOf('Plain HTML', 'html', relay)),
  React: async (relay) => {
    const script = await reactApp(codeOf('React', 'jsx', relay));
    return pageOf(`<div id="root"></div><script>${script}</script>`);
  },
  WordPress: (relay) => {
    const code = codeOf('WordPress', 'php', relay);
    const [, form = ''] = /<<<HTML\n(.*?)HTML;/s.exec(code) ?? [];
    const block = form.replaceAll('$action', `${relay}/unsubscribe`).replaceAll('$id', 'unsubscribe-email-1');
    return pageOf(
      `<div class="entry-content">${block}</div><script src="${relay}/unsubscribe-form.js" defer></script>`,
    );
  },
  Webflow: (relay) => {
    const embed = `<div class="w-embed w-script">${codeOf('Webflow', 'html', relay)}</div>`;
    return pageOf(`${embed}<script>${WEBFLOW}</script>`);
  },
  Shopify: async (relay) => {
    const section = await shopifySection(codeOf('Shopify', 'liquid', relay));
    return pageOf(`<div id="shopify-section" class="shopify-section">${section}</div>`);
  },
};

/** Webflow sends the fields of the forms in its Form element to itself. */
const WEBFLOW = `document.querySelectorAll('.w-form form').forEach((form) => {
  form.addEventListener('submit', (event) => { event.preventDefault(); event.stopPropagation(); });
});`;

/** An application that updates, removes and adds the component, in strict mode. */
async function reactApp(component: string): Promise<string> {
  const app = `import { StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { UnsubscribeForm } from 'component';

function App() {
  const [count, setCount] = useState(0);
  const [isShown, setIsShown] = useState(true);
  return (
    <>
      {count > 0 && <p>{count} updates</p>}
      {isShown && <UnsubscribeForm />}
      {count > 0 && <p>after the form</p>}
      <button id="update" onClick={() => setCount(count + 1)}>Update</button>
      <button id="toggle" onClick={() => setIsShown(!isShown)}>Remove or add</button>
    </>
  );
}
createRoot(document.getElementById('root')).render(<StrictMode><App /></StrictMode>);`;
  const { outputFiles } = await build({
    stdin: { contents: app, loader: 'jsx', resolveDir: ROOT },
    bundle: true,
    write: false,
    minify: true,
    jsx: 'automatic',
    // Without the hint to install the developer tools.
    banner: { js: 'window.__REACT_DEVTOOLS_GLOBAL_HOOK__ = { isDisabled: true };' },
    define: { 'process.env.NODE_ENV': '"development"' },
    plugins: [
      {
        name: 'component',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^component$/ }, ({ path }) => ({ path, namespace: 'recipe' }));
          onLoad({ filter: /.*/, namespace: 'recipe' }, () => ({
            contents: component,
            loader: 'jsx',
            resolveDir: ROOT,
          }));
        },
      },
    ],
  });
  return outputFiles[0]?.text.replaceAll('</script', '<\\/script') ?? '';
}

/** Renders a section with the default values of its settings. */
async function shopifySection(code: string): Promise<string> {
  const [liquid = '', schema = ''] = code.split(/\{% (?:end)?schema %\}/);
  const settings = (JSON.parse(schema).settings as { readonly id: string; readonly default: string }[]).map(
    ({ id, default: value }) => [id, value] as const,
  );
  const section = { id: 'template--1', settings: Object.fromEntries(settings) };
  return new Liquid().parseAndRender(liquid, { section, request: { locale: { iso_code: 'en' } } });
}

function pageOf(content: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>A landing page</title>
<main><h1>A landing page</h1>
${content}</main>
</html>`;
}

/** The script of the WordPress block for the editor. */
export const wordPressEditorScript = (): string =>
  /<<<'JS'\n(.*?)JS\)/s.exec(codeOf('WordPress', 'php', 'https://optout.example.com'))?.[1] ?? '';

/** A page with two forms: one without changes, and one with texts of its own. */
export function twoForms(relay: string): string {
  const code = codeOf('Plain HTML', 'html', relay);
  const form = code.slice(code.indexOf('<form'));
  const other = form
    .replaceAll(/(id|for)="email"/g, '$1="other"')
    .replace('value="en"', 'value="de"')
    .replace(
      'data-unsubscribe',
      'data-unsubscribe data-received="Notiert." data-confirmed="Abgemeldet!" data-superseded="Wieder da." data-status="Beleg" data-already-recorded="Schon da, {wait}." data-bad-address="Falsch."',
    );
  return pageOf(`${code.slice(0, code.indexOf('<form'))}${form}${other}`);
}

/** A page whose form lacks what the script needs. */
export const incompleteForm = (relay: string, markup: string): string =>
  pageOf(`<script src="${relay}/unsubscribe-form.js" defer></script>${markup}`);

/** The content security policy in docs/forms.md, which allows nothing else. */
export function documentedPolicy(relay: string): string {
  const [, policy = ''] = /`(script-src [^`]*)`/.exec(DOCS) ?? [];
  return `default-src 'none'; base-uri 'none'; ${policy.replaceAll('https://optout.example.com', relay)}`;
}
