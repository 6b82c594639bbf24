/**
 * Returns a function that finds marks in a text: plain, percent-encoded, in hex, or in base64 at any offset and with either
 * alphabet.
 */
export function searchFor<Mark extends string>(marks: readonly Mark[]): (text: string) => readonly Mark[] {
  const patterns = marks.map((mark) => ({ mark, plain: plainForms(mark), base64: base64Forms(mark) }));
  return (text) => {
    const lower = text.toLowerCase();
    const plain = `${lower}\n${percentDecoded(lower)}`;
    const base64url = text.replaceAll('+', '-').replaceAll('/', '_');
    const isFound = ({ plain: forms, base64 }: (typeof patterns)[number]) =>
      forms.some((form) => plain.includes(form)) || base64.some((form) => base64url.includes(form));
    return patterns.filter(isFound).map(({ mark }) => mark);
  };
}

const plainForms = (mark: string): readonly string[] =>
  [mark, encodeURIComponent(mark), Buffer.from(mark).toString('hex')].map((form) => form.toLowerCase());

function percentDecoded(lower: string): string {
  const decoded = lower.replace(/%([0-9a-f]{2})/g, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return decoded.toLowerCase();
}

/** The characters of a mark in base64 that do not depend on its neighbors, for each offset modulo three. */
function base64Forms(mark: string): readonly string[] {
  return [0, 1, 2].map((offset) => {
    const encoded = Buffer.from('\0'.repeat(offset) + mark).toString('base64url');
    const isWhole = (offset + Buffer.byteLength(mark)) % 3 === 0;
    return encoded.slice(offset === 0 ? 0 : offset + 1, isWhole ? undefined : -1);
  });
}
