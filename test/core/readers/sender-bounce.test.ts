import { expect, it } from 'vitest';
import { hardBounceKind } from '../../../functions/core/readers/sender-bounce.ts';

const kindsOf = (...reply: unknown[]) => [hardBounceKind({ reply }), hardBounceKind({ reply, isClassified: true })];

it.each([
  ['550 5.1.1 The email account that you tried to reach does not exist'],
  ['smtp;550 user unknown'],
  ['550 5.5.0 Requested action not taken: mailbox unavailable'],
  [550, '5.1.1', 'no such user'],
  ['No such user here'],
  ['550 RecipientError: 550 5.1.1 <ada@example.com>: Recipient address rejected: User unknown in virtual alias table'],
])('a reply that names the address is a hard bounce: %j', (...reply) => {
  expect(kindsOf(...reply)).toEqual(['hard_bounce', 'hard_bounce']);
});

it.each([
  ['554 5.7.1 client host [192.0.2.9] blocked by a block list'],
  ['550 5.7.1 message refused by the content filter'],
  ['550 5.1.1 sender rejected'],
  [554, '5.7.1', 'Service unavailable; Client host blocked using zen.spamhaus.org'],
  ['552 5.2.2 mailbox full'],
  ['421 4.7.0 try again later'],
  ['554 5.7.26 unauthenticated mail is prohibited: SPF and DKIM did not pass'],
])('a reply about anything else is a soft bounce: %j', (...reply) => {
  expect(kindsOf(...reply)).toEqual(['soft_bounce', 'soft_bounce']);
});

it.each([['550 5.0.0 x'], ['554 refused'], ['it did not work']])(
  'a reply that says nothing clear is a hard bounce only if the sender has classified it: %j',
  (...reply) => {
    expect(kindsOf(...reply)).toEqual(['soft_bounce', 'hard_bounce']);
  },
);

it.each([[[]], [[undefined, null, '']], [[{}, []]]])('the sender’s word counts if there is no reply: %j', (reply) => {
  expect(kindsOf(...reply)).toEqual(['hard_bounce', 'hard_bounce']);
});

it('the sender’s own status counts too', () => {
  expect(hardBounceKind({ reply: [], status: '5.1.1' })).toBe('hard_bounce');
  expect(hardBounceKind({ reply: [], status: '5.7.1' })).toBe('soft_bounce');
  expect(hardBounceKind({ reply: ['smtp; 550 5.7.1 blocked'], status: '5.1.1' })).toBe('soft_bounce');
});
