/** Markup that is safe to send. Only `html` makes it. */
export interface Html {
  readonly markup: string;
}

/** A template whose values are escaped, in text and in quoted attributes alike, unless they are Html themselves. */
export function html(parts: TemplateStringsArray, ...values: readonly (string | Html | undefined)[]): Html {
  const markup = parts.reduce((before, part, index) => before + escaped(values[index - 1]) + part);
  return { markup };
}

/** A text whose `{placeholders}` are markup; everything else in it is escaped. One that has no value stays as it is. */
export function filled(text: string, values: Readonly<Record<string, Html>>): Html {
  const parts = text.split(/\{(\w+)\}/);
  const markup = parts.map((part, index) => {
    if (index % 2 === 0) return escaped(part);
    return Object.hasOwn(values, part) ? escaped(values[part]) : escaped(`{${part}}`);
  });
  return { markup: markup.join('') };
}

/** One after the other. */
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
  return typeof value === 'string' ? value.replace(/[&<>"']/g, (mark) => ENTITIES[mark] ?? '') : value.markup;
}
