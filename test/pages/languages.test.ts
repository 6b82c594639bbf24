import { describe, expect, it } from 'vitest';
import { languages } from '../../functions/pages/languages.ts';
import { keepsPlaceholders, LANGUAGES, PLACEHOLDERS } from '../../functions/pages/wording.ts';

const names = Object.keys(PLACEHOLDERS) as (keyof typeof PLACEHOLDERS)[];

it('are exactly the documented languages', () => {
  const documented = 'en fr de es it pt nl sv da nb fi pl cs hu ro el tr uk ja ko zh-Hans zh-Hant ar he hi';

  expect(LANGUAGES).toEqual(documented.split(' '));
  expect(Object.keys(languages)).toEqual(LANGUAGES);
});

describe.each(LANGUAGES)('%s', (language) => {
  const { name, direction, messages } = languages[language];

  it('has exactly the defined messages, without empty ones or outer spaces', () => {
    expect(Object.keys(messages).toSorted()).toEqual(names.toSorted());
    for (const message of Object.values(messages)) expect(message).toMatch(/^\S(?:.*\S)?$/u);
  });

  it('has exactly the placeholders of each message', () => {
    for (const message of names)
      expect([message, keepsPlaceholders(message, messages[message])]).toEqual([message, true]);
  });

  it('is well-formed text without markup, straight quotes or directional marks', () => {
    for (const message of Object.values(messages)) {
      expect(message.isWellFormed() && message.normalize('NFC') === message).toBe(true);
      expect(message).not.toMatch(/[<>&"'`\u200e\u200f\u202a-\u202e\u2066-\u2069]/);
    }
  });

  it('has a different text for each message', () => {
    const { unsubscribe: _button, formTitle: _title, ...others } = messages;

    expect(new Set(Object.values(others)).size).toBe(Object.keys(others).length);
  });

  it('has the direction and the script of the language', () => {
    expect(direction).toBe(/[\u0590-\u06ff]/.test(name) ? 'rtl' : 'ltr');
    expect(messages.formTitle).toMatch(SCRIPTS[language] ?? /^\p{Script=Latin}/u);
  });

  it('has the name that Intl has for it', () => {
    const intlName = new Intl.DisplayNames([language], { type: 'language' }).of(language) ?? '';

    expect(intlName.toLocaleLowerCase(language)).toContain(name.slice(0, 4).toLocaleLowerCase(language));
  });

  if (language === 'en') return;

  it('is translated from English', () => {
    const english: Readonly<Record<string, string>> = languages.en.messages;
    for (const [message, text] of Object.entries(messages))
      expect([message, text]).not.toEqual([message, english[message]]);
  });
});

const SCRIPTS: Readonly<Partial<Record<(typeof LANGUAGES)[number], RegExp>>> = {
  el: /^\p{Script=Greek}/u,
  uk: /^\p{Script=Cyrillic}/u,
  ja: /^\p{Script=Katakana}/u,
  ko: /^\p{Script=Hangul}/u,
  'zh-Hans': /^退订/,
  'zh-Hant': /^取消訂閱/,
  ar: /^\p{Script=Arabic}/u,
  he: /^\p{Script=Hebrew}/u,
  hi: /^\p{Script=Devanagari}/u,
};
