import { readFileSync } from 'node:fs';
import { html, joined } from '../functions/pages/html.ts';
import type { LocalRoute } from './gateway.ts';
import { sendPage } from './send-page.ts';

/** A sample landing page with the form and the script of docs/forms.md, and the code of each way to add it. */
export const landingPage: LocalRoute = ({ request, response }) => {
  const recipes = recipesFor(`http://${request.headers.host}`);
  const page = readFileSync(new URL('landing.html', import.meta.url), 'utf8')
    .replace('<!-- form -->', () => withSample(recipes[0]?.code ?? ''))
    .replace('<!-- recipes -->', () => joined(recipes.map(listed)).markup);
  sendPage(response, page, { script: "'self'", formAction: "'self'" });
};

interface Recipe {
  readonly title: string;
  readonly code: string;
}

/** Returns the code of the sections of docs/forms.md for this relay. The first one is plain HTML. */
function recipesFor(url: string): readonly Recipe[] {
  const docs = readFileSync(new URL('../docs/forms.md', import.meta.url), 'utf8');
  const sections = docs.matchAll(/^## (.+)\n(?:(?!## )[^`]|`(?!``))*```(?:html|jsx|php|liquid)\n([\s\S]*?)```/gm);
  return Array.from(sections, ([, title = '', code = '']) => ({
    title,
    code: code.replaceAll('https://optout.example.com', url),
  }));
}

const withSample = (form: string): string => form.replace(' required>', ' value="ada@example.com" required>');

const listed = ({ title, code }: Recipe) => html`
<details><summary>${title}</summary><pre>${code}</pre></details>`;
