import { expect, it } from 'vitest';
import { readyLink } from '../../functions/core/list-unsubscribe.ts';

it('makes of a token the link under the public origin, and the two headers of RFC 8058 with their exact words', () => {
  expect(readyLink(new URL('https://optout.example.com'), 'a-_.b')).toEqual({
    url: 'https://optout.example.com/u/a-_.b',
    headers: {
      'List-Unsubscribe': '<https://optout.example.com/u/a-_.b>',
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    },
  });
});

it('takes nothing from the URL but its origin', () => {
  expect(readyLink(new URL('https://optout.example.com/links?key=1#a'), 't').url).toBe(
    'https://optout.example.com/u/t',
  );
});
