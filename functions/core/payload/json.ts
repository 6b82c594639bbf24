/** The most values of a body that may come from anyone. One event has at most some hundred. */
export const MAX_UNVERIFIED_VALUES = 10_000;

/** More than a body of 5 MiB holds: a value, its name and its punctuation take 20 bytes on average. */
const MAX_VALUES = 300_000;
const MAX_DEPTH = 100;

/**
 * Parses JSON, or returns undefined if the text is not JSON, nests deeper than 100 levels or has too many values, which are
 * counted before anything is built. The error of `JSON.parse` quotes its input, so it is dropped. Integers beyond 2^53 stay
 * text, so that an id is never rounded to another one.
 *
 * @param maxValues the most members and elements, empty objects and arrays included. @default 300000
 */
export function parseJson(text: string, maxValues = MAX_VALUES): unknown {
  if (!isWithin(text, maxValues)) return undefined;
  try {
    return JSON.parse(LONG_NUMBER.test(text) ? text.replaceAll(TEXT_OR_INTEGER, quoteLongInteger) : text);
  } catch {
    return undefined;
  }
}

const [QUOTE, BACKSLASH] = [0x22, 0x5c];

/** By character code, so that a mebibyte takes five milliseconds. */
const LEVELS = byCode({ '[': 1, '{': 1, ']': -1, '}': -1 });
const VALUES = byCode({ '[': 1, '{': 1, ',': 1 });

function byCode(changes: Readonly<Record<string, number>>): Int8Array {
  const table = new Int8Array(128);
  for (const [character, change] of Object.entries(changes)) table[character.charCodeAt(0)] = change;
  return table;
}

/** Counts what `JSON.parse` would build. Also returns false for an unterminated string. */
function isWithin(text: string, maxValues: number): boolean {
  let depth = 0;
  let values = 1;
  let at = 0;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    depth += LEVELS[code] ?? 0;
    values += VALUES[code] ?? 0;
    if (depth > MAX_DEPTH || values > maxValues) return false;
  }
  return at === text.length;
}

/** Returns the position of the closing quote, or a position after the end of the text. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === BACKSLASH) at += 1;
  }
  return text.length;
}

/** A number of 16 digits or more outside of strings, or what looks like one. */
const LONG_NUMBER = /[:,[]\s*-?\d{16}/;

/** Every string is terminated here, so no character is visited twice. */
const TEXT_OR_INTEGER = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"|(?<![\d.eE+-])-?[1-9]\d{15,}(?![\d.eE])/g;

function quoteLongInteger(token: string): string {
  return token.startsWith('"') || Number.isSafeInteger(Number(token)) ? token : `"${token}"`;
}
