/** Markup that is safe to send: a template of this file, or our own style and script. */
export interface Html {
  readonly markup: string;
}

/** Template tag that escapes its values for text and quoted attributes. `Html` values are inserted as they are. */
export function html(parts: TemplateStringsArray, ...values: readonly (string | Html | undefined)[]): Html {
  const markup = parts.reduce((before, part, index) => before + escaped(values[index - 1]) + part);
  return { markup };
}

/** Replaces each `{placeholder}` of a text with markup and escapes the rest. Placeholders without a value are kept. */
export function filled(text: string, values: Readonly<Record<string, Html>>): Html {
  const parts = text.split(/\{(\w+)\}/);
  const markup = parts.map((part, index) => {
    if (index % 2 === 0) return escaped(part);
    return Object.hasOwn(values, part) ? escaped(values[part]) : escaped(`{${part}}`);
  });
  return { markup: markup.join('') };
}

/** Concatenates markup. */
export function joined(parts: readonly Html[]): Html {
  return { markup: parts.map(({ markup }) => markup).join('') };
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(value: string | Html | undefined): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? '') : value.markup;
}
