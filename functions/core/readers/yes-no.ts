import { Unreadable } from '../model/errors.ts';

/** The field whose value decides whether a submission is an opt-out, and its values. They are compared without case. */
export interface Condition {
  readonly field: string;
  /** The values that mean yes, such as `unsubscribed`. @default words for yes */
  readonly is?: readonly string[] | undefined;
  /** The values that mean no, such as `pending`. @default words for no */
  readonly isNot?: readonly string[] | undefined;
}

/**
 * Whether the value of a field means yes. A missing or empty value means no, since a form does not send an unticked box. If
 * `is` contains a word for no, the question is the other way round ("Stay subscribed?"), and words for yes mean no.
 *
 * @throws {Unreadable} if the value is neither listed nor a word for yes or no, or if it means both.
 */
export function isYes(value: unknown, { field, is = [], isNot = [] }: Condition): boolean {
  const [yes, no] = [is.map(folded), isNot.map(folded)];
  const texts = textsIn(value);
  const answers = texts.length > 1 ? texts.filter((text) => !UNTICKED.has(text)) : texts;
  if (answers.some((answer) => yes.includes(answer))) return true;
  const unlisted = answers.filter((answer) => !no.includes(answer));
  const meanings = new Set(unlisted.map(meaningOf));
  if (meanings.has(undefined) || meanings.size > 1) throw new Unreadable(`${field} is neither yes nor no`);
  const isReversed = yes.some((word) => meaningOf(word) === false);
  const isOptOut = meanings.has(!isReversed);
  const opposite = isOptOut ? STAYS : LEAVES;
  if (unlisted.some((answer) => opposite.test(answer))) throw new Unreadable(`${field} contradicts itself`);
  return isOptOut;
}

/**
 * Words of `Yes, keep me` and `No, unsubscribe me`, in a form whose question is the other way round than the map says. Only
 * English, German, French and Spanish.
 */
const NOT = "(?<!\\b(?:not|don't|never|nicht|pas|ne) )\\b";
const STAYS = new RegExp(`${NOT}(?:keep|stay|remain|continue|bleib|behalt|garder|rester|mantener|seguir)`);
const LEAVES = new RegExp(
  `${NOT}(?:unsubscrib|opt.?out|stop|remove|abmeld|austrag|d[ée]sabonn|cancelar|darme de baja)`,
);

/** Forms send this in a hidden field before a box, so that an unticked box has a value too. */
const UNTICKED: ReadonlySet<string> = new Set(['0', 'false', 'off']);

/** Answers that programs send. */
const VALUES: Readonly<Record<'yes' | 'no', readonly string[]>> = {
  yes: ['true', '1', 'on', 'y', 'unsubscribed'],
  no: ['false', '0', 'off', 'n', 'subscribed'],
};

/** Yes and no in the languages of the pages (functions/pages/languages), in lower case. */
export const WORDS: Readonly<Record<string, readonly [yes: string, no: string]>> = {
  ar: ['نعم', 'لا'],
  cs: ['ano', 'ne'],
  da: ['ja', 'nej'],
  de: ['ja', 'nein'],
  el: ['ναι|ναί', 'όχι|οχι'],
  en: ['yes', 'no'],
  es: ['sí|si', 'no'],
  fi: ['kyllä', 'ei'],
  fr: ['oui', 'non'],
  he: ['כן', 'לא'],
  hi: ['हाँ|हां', 'नहीं'],
  hu: ['igen', 'nem'],
  it: ['sì|si', 'no'],
  ja: ['はい', 'いいえ'],
  ko: ['예|네', '아니요|아니오'],
  nb: ['ja', 'nei'],
  nl: ['ja', 'nee'],
  pl: ['tak', 'nie'],
  pt: ['sim', 'não|nao'],
  ro: ['da', 'nu'],
  sv: ['ja', 'nej'],
  tr: ['evet', 'hayır|hayir'],
  uk: ['так', 'ні'],
  zh: ['是|是的', '否|不|不是'],
};

const wordsAt = (index: 0 | 1): readonly string[] =>
  Object.values(WORDS).flatMap((words) => words[index].normalize('NFC').split('|'));

const MEANINGS: ReadonlyMap<string, boolean> = new Map([
  ...wordsAt(0).map((word) => [word, true] as const),
  ...wordsAt(1).map((word) => [word, false] as const),
]);

/** The first word of `No, keep me`. `No more mail` is not an answer that begins with no. */
const FIRST_WORD = /^([\p{L}\p{M}]+)\s*[,.;:!،、，。！]/u;

function meaningOf(answer: string): boolean | undefined {
  if (VALUES.yes.includes(answer)) return true;
  if (VALUES.no.includes(answer)) return false;
  return MEANINGS.get(answer) ?? MEANINGS.get(FIRST_WORD.exec(answer)?.[1] ?? '');
}

/** The answers in a value: itself, or the entries of an array or object. Blank ones are dropped. */
function textsIn(value: unknown): readonly string[] {
  const values = isNested(value) ? Object.values(value) : [value];
  const texts = values.map((each) => (isNested(each) ? 'more than one answer' : folded(String(each ?? ''))));
  return texts.filter((text) => text !== '');
}

const isNested = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** A form may have a typographic apostrophe or a no-break space where the configuration has a plain one. */
const folded = (text: string): string =>
  text.normalize('NFC').replaceAll(/[‘’]/g, "'").replaceAll(/\s+/g, ' ').trim().toLowerCase();
