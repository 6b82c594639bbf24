/** Markup that is safe to send. Only `html` makes it. */
export interface Html {
  readonly markup: string;
}

/** A template whose values are escaped, in text and in quoted attributes alike, unless they are Html themselves. */
export function html(parts: TemplateStringsArray, ...values: readonly (string | Html | undefined)[]): Html {
  const markup = parts.reduce((before, part, index) => before + escaped(values[index - 1]) + part);
  return { markup };
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
