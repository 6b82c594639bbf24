const WIDTH = 110;

/** Breaks text at spaces into lines of at most `width` characters. */
export function wrap(text: string, width = WIDTH): string[] {
  return text.match(new RegExp(`\\S.{0,${width - 1}}(?=\\s|$)`, 'g')) ?? [];
}

/** Terms and their descriptions side by side, aligned and wrapped. */
export function twoColumns(rows: readonly (readonly [term: string, description: string])[]): string {
  const indent = Math.max(...rows.map(([term]) => term.length)) + 4;
  const lines = rows.map(([term, description]) => {
    const text = wrap(description, WIDTH - indent).join(`\n${' '.repeat(indent)}`);
    return `  ${term}`.padEnd(indent) + text;
  });
  return lines.map((line) => line.trimEnd()).join('\n');
}
