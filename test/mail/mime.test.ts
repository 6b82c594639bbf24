import { readdirSync, readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultKinds } from '../../functions/core/intake/policy.ts';
import { RelayError, Unreadable } from '../../functions/core/model/errors.ts';
import type { Kind } from '../../functions/core/model/signal.ts';
import { createTokenSealer } from '../../functions/crypto/sealed-links.ts';
import { parseMail } from '../../functions/mail/mime.ts';
import { memoryMailbox } from '../core/intake/mailbox-memory.ts';

const FOLDER = new URL('fixtures/mail/', import.meta.url);
const raw = (name: string) => readFileSync(new URL(`${name}.eml`, FOLDER));

/** The expected kind of each message, or why it is not ingested. The recipient in every token is ada@example.com. */
const EXPECTED = {
  'postfix-user-unknown': 'hard_bounce',
  'postfix-mailbox-full': 'soft_bounce',
  'postfix-delayed': 'soft_bounce',
  'postfix-expired': 'soft_bounce',
  'postfix-delivered': 'ignored',
  'postfix-forwarded-elsewhere': 'ignored',
  'postfix-forwarded-with-original-recipient': 'hard_bounce',
  'postfix-several-recipients': 'soft_bounce',
  'exchange-online': 'hard_bounce',
  'exchange-blocked': 'soft_bounce',
  'outlook-com-mailbox-full': 'soft_bounce',
  'gmail-no-such-account': 'hard_bounce',
  'exim-user-unknown': 'hard_bounce',
  'exim-says-no-more': 'soft_bounce',
  'ses-bounce': 'hard_bounce',
  internationalized: 'hard_bounce',
  'original-in-base64': 'hard_bounce',
  'no-message-id': 'hard_bounce',
  brand: 'hard_bounce',
  'token-in-header-of-its-own': 'hard_bounce',
  'token-beside-another-list-unsubscribe': 'hard_bounce',
  qmail: 'ignored',
  'forged-without-token': 'ignored',
  'forged-without-original': 'ignored',
  'forged-with-foreign-token': 'unauthenticated',
  'forged-with-foreign-key': 'unauthenticated',
  'forged-with-receipt': 'unauthenticated',
  'expired-token': 'unauthenticated',
  'cut-token': 'ignored',

  'yahoo-abuse': 'complaint',
  'yahoo-not-spam': 'ignored',
  'aol-redacted': 'complaint',
  'arf-headers-only': 'complaint',
  'arf-opt-out': 'opt_out',
  'arf-auth-failure': 'ignored',
  'arf-unknown-type': 'ignored',
  'arf-without-token': 'ignored',
  'arf-with-foreign-token': 'unauthenticated',
  'microsoft-jmrp': 'complaint',

  'apple-mail': 'opt_out',
  'gmail-unsubscribe': 'opt_out',
  'outlook-unsubscribe': 'opt_out',
  'broken-by-its-mailer': 'opt_out',
  'sent-by-hand': 'opt_out',
  'written-by-somebody-else': 'opt_out',
  'reply-of-a-person': 'opt_out',
  'with-brand': 'opt_out',
  'html-alone': 'opt_out',
  'unsubscribe-with-foreign-token': 'unauthenticated',
  'unsubscribe-without-token': 'ignored',
  'token-in-the-body-alone': 'ignored',
  'newsletter-forwarded-as-attachment': 'ignored',
  'out-of-office': 'ignored',
  vacation: 'ignored',
  autoreply: 'ignored',
  'automatic-with-null-path': 'ignored',
  'ses-setup-notification': 'ignored',
};

/** The key of the tokens in the fixtures. */
const KEYS = async () => [{ kid: '2026-11', key: new Uint8Array(32).fill(7) }];
const { unsealLink } = createTokenSealer({ get: KEYS, refresh: KEYS });
/** Turns every kind into a command, so that the kind is visible. */
const kinds = Object.fromEntries(Object.keys(defaultKinds).map((kind) => [kind, 'unsubscribe-all']));
const policyOf = () => ({ kinds: kinds as Record<Kind, 'unsubscribe-all'>, lists: 'all' as const });

function mailbox() {
  const { receive, ...recorded } = memoryMailbox({ unsealLink, policyOf });
  return { ...recorded, receiveRaw: async (bytes: Uint8Array) => receive(await parseMail(bytes)) };
}

async function kindOf(bytes: Uint8Array): Promise<unknown> {
  const { commands, events, receiveRaw } = mailbox();
  await receiveRaw(bytes);
  const [command] = commands;
  if (command === undefined) {
    expect(JSON.stringify(events)).not.toMatch(/example\.com|eyJ/);
    return events[0]?.event.replace(/^\w+\./, '');
  }
  expect(command).toMatchObject({ email: 'ada@example.com', source: 'mailbox', scope: 'all' });
  return 'kind' in command && command.kind;
}

describe('a message', () => {
  it('has an expected kind for every fixture', () => {
    const files = readdirSync(FOLDER).map((file) => file.replace('.eml', ''));

    expect(files.sort()).toEqual(Object.keys(EXPECTED).sort());
  });

  it.each(Object.entries(EXPECTED))('%s is read as %s', async (name, kind) => {
    expect(await kindOf(raw(name))).toBe(kind);
    // With Unix line endings.
    expect(await kindOf(Buffer.from(raw(name).toString().replaceAll('\r\n', '\n')))).toBe(kind);
  });

  it('is read even if truncated after the returned header', async () => {
    const cut = raw('postfix-user-unknown').indexOf('The news.');

    expect(await kindOf(raw('postfix-user-unknown').subarray(0, cut))).toBe('hard_bounce');
  });

  it('is ignored if empty', async () => {
    expect(await kindOf(new Uint8Array())).toBe('ignored');
  });
});

const SIZE = 262_144;
const filled = (head: string, unit: string) => Buffer.from(head.padEnd(SIZE, unit));
const multipart = (part: string) => filled('Content-Type: multipart/mixed; boundary=a\r\n\r\n', `--a\r\n${part}`);

describe('a hostile message', () => {
  it.each<[string, Buffer]>([
    [
      'thousands of nested parts',
      Buffer.from(
        [...Array(3000).keys()].map((n) => `Content-Type: multipart/mixed; boundary=${n}\n\n--${n}\n`).join(''),
      ),
    ],
    ['a header without an end', filled('Subject: ', 'a')],
    ['a hundred thousand header fields', filled('', 'a: b\n')],
  ])('with %s is rejected', async (_what, bytes) => {
    const parsed = parseMail(bytes);

    await expect(parsed).rejects.toBeInstanceOf(Unreadable);
    await expect(parsed).rejects.not.toHaveProperty('cause', expect.anything());
  });

  it.each<[string, Buffer]>([
    ['empty parts', multipart('')],
    ['parts of text', multipart('\r\na\r\n')],
    ['messages in messages', filled('', 'Content-Type: message/rfc822\n\n')],
    ['tags', filled('Content-Type: text/html\n\n', '<a href="')],
    ['white space', filled('Content-Type: message/delivery-status\n\n', '\n ')],
    ['a report without an end', filled('Content-Type: message/delivery-status\n\na:b\n', '\n \t\r')],
    ['a broken encoding', filled('Content-Transfer-Encoding: quoted-printable\n\n', '=\n')],
    ['beginnings of tokens', filled(`Subject: ${'eyJ'.repeat(30_000)}\n\n`, 'eyJ')],
  ])('of 256 KiB of %s is handled quickly and ignored', async (_what, bytes) => {
    const { commands, receiveRaw } = mailbox();
    const startedMs = performance.now();

    await receiveRaw(bytes);

    expect(performance.now() - startedMs).toBeLessThan(10_000);
    expect(commands).toEqual([]);
  });
});

/** Arbitrary bytes, and fixtures with a random range overwritten. */
const anyMail = fc.oneof(
  fc.uint8Array({ maxLength: 2_000 }),
  fc
    .tuple(fc.constantFrom(...Object.keys(EXPECTED)), fc.nat(), fc.nat(40), fc.uint8Array({ maxLength: 40 }))
    .map(([name, at, length, bytes]) => {
      const mail = raw(name);
      const from = at % mail.length;
      return Buffer.concat([mail.subarray(0, from), bytes, mail.subarray(from + length)]);
    }),
);

it('turns any bytes into a command for the recipient in the token, nothing, or a RelayError', async () => {
  await fc.assert(
    fc.asyncProperty(anyMail, async (bytes) => {
      const { commands, receiveRaw } = mailbox();
      await receiveRaw(bytes).catch((error: unknown) => {
        if (!(error instanceof RelayError)) throw error;
        expect(inspect(error)).not.toMatch(/example\.com|eyJ/);
      });
      for (const command of commands) expect(command).toMatchObject({ email: 'ada@example.com', source: 'mailbox' });
    }),
    { numRuns: 1_000 },
  );
});
