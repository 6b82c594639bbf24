import { describe, expect, it } from 'vitest';
import { MAILBOX, readyLink } from '../../../functions/core/links/list-unsubscribe.ts';

it('builds the link under the public origin, and the two headers of RFC 8058', () => {
  expect(readyLink(new URL('https://optout.example.com'), 'a-_.b')).toEqual({
    url: 'https://optout.example.com/u/a-_.b',
    headers: {
      'List-Unsubscribe': '<https://optout.example.com/u/a-_.b>',
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    },
  });
});

it('uses only the origin of the URL', () => {
  expect(readyLink(new URL('https://optout.example.com/links?key=1#a'), 't').url).toBe(
    'https://optout.example.com/u/t',
  );
});

describe('with a mailbox', () => {
  const headerOf = (token: string, mailbox = 'unsubscribe@mail.example.com') =>
    readyLink(new URL('https://optout.example.com'), token, mailbox).headers['List-Unsubscribe'];

  it('offers a mailto: with the token as its subject, after the link', () => {
    expect(headerOf('a-_.b')).toBe(
      '<https://optout.example.com/u/a-_.b>, <mailto:unsubscribe@mail.example.com?subject=a-_.b>',
    );
  });

  it('omits the mailto: if the header would be too long for some senders', () => {
    const longest = 't'.repeat(395);

    expect(headerOf(longest)).toHaveLength(869);
    expect(headerOf(`${longest}t`)).toBe(`<https://optout.example.com/u/${longest}t>`);
    expect(headerOf(longest, 'unsubscribes@mail.example.com')).toHaveLength(870);
  });
});

describe('MAILBOX', () => {
  it.each(['unsubscribe@mail.example.com', 'Opt_Out+1@example.co.uk', `${'a'.repeat(64)}@example.com`])(
    'accepts %s',
    (address) => expect(address).toMatch(MAILBOX),
  );

  it.each([
    '',
    'mail.example.com',
    '@example.com',
    'a@example',
    'a b@example.com',
    'a@example.com>',
    'a%40b@example.com',
    'a?b@example.com',
    `${'a'.repeat(65)}@example.com`,
    'ü@example.com',
    'a@example.com\n',
  ])('rejects %j', (address) => expect(address).not.toMatch(MAILBOX));
});
