/** The docstring of a key. */
export interface Docstring {
  readonly text: string;
  /** The text of its `@default`. */
  readonly default?: string;
}

const COMMENTED_KEY = /\/\*\*((?:(?!\*\/)[\s\S])*?)\*\/\n +(\w+):/g;

/**
 * Reads the docstrings of the keys of object literals in TypeScript source code.
 *
 * @throws {Error} if two keys of the same name have different docstrings
 */
export function docstringsOf(code: string): ReadonlyMap<string, Docstring> {
  const found = new Map<string, Docstring>();
  for (const [, comment = '', key = ''] of code.matchAll(COMMENTED_KEY)) {
    const line = comment.replaceAll(/^ *\*/gm, '').replaceAll(/\s+/g, ' ').trim();
    const [text = '', ...tags] = line.split(/ ?(?=@\w+ )/);
    const byDefault = tags.find((tag) => tag.startsWith('@default '))?.replace('@default ', '');
    const docstring = { text, ...(byDefault === undefined ? {} : { default: byDefault }) };
    if (found.has(key) && found.get(key)?.text !== text) throw new Error(`${key} has two docstrings`);
    found.set(key, docstring);
  }
  return found;
}
