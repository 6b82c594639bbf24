import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultKinds } from '../../functions/core/intake/policy.ts';
import type { Kind } from '../../functions/core/model/signal.ts';
import { createTokenSealer } from '../../functions/crypto/sealed-links.ts';
import { parseMail } from '../../functions/mail/mime.ts';
import { memoryMailbox } from '../core/intake/mailbox-memory.ts';
import { HOSTILE_MAILS } from './hostile-mails.ts';

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
  qmail: 'hard_bounce',
  'qmail-about-another-recipient': 'ignored',
  'exim-in-words': 'hard_bounce',
  'exim-in-words-alias': 'ignored',
  'gmail-in-words': 'hard_bounce',
  'sender-rejected': 'soft_bounce',
  'remote-code-differs': 'soft_bounce',
  'remote-code-made-up': 'soft_bounce',
  'alias-of-two-one-gone': 'ignored',
  'alias-of-two-one-gone-reversed': 'ignored',
  'microsoft-365-no-such-recipient': 'hard_bounce',
  'cisco-gateway': 'hard_bounce',
  'barracuda-gateway': 'hard_bounce',
  'yahoo-no-account': 'hard_bounce',
  'recipients-without-empty-line': 'hard_bounce',
  'recipient-without-type': 'hard_bounce',
  'returned-as-plain-text': 'hard_bounce',
  'returned-as-misspelled-type': 'hard_bounce',
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
  'arf-opt-out-list': 'opt_out',
  'arf-virus': 'soft_bounce',
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
  return { ...recorded, receiveRaw: async (bytes: Uint8Array) => receive(parseMail(bytes)) };
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

describe('a part', () => {
  const REPORT = 'Content-Type: multipart/report; boundary=a';
  const report = (type: string, text: string) => `Content-Type: ${type}\n\n${text}\n`;
  const parse = (text: string) => parseMail(Buffer.from(text));
  const status = { type: 'message/delivery-status', text: 'Status: 5.1.1' };

  it.each([
    ['boundary=a', 'a'],
    ['boundary="a b"', 'a b'],
    ['boundary = "a\\"b"', 'a"b'],
    ['report-type=delivery-status;\n\tBOUNDARY=a', 'a'],
  ])('is found between boundary lines: %j', (parameter, boundary) => {
    const part = report(status.type, status.text);
    const line = `--${boundary}`;

    const mail = parse(
      `Content-Type: multipart/report; ${parameter}\n\n${line}x\n${line} \n${part}${line}--\n${line}\n${part}`,
    );

    expect(mail.parts.map(({ type, text }) => ({ type, text: text.trim() }))).toEqual([status]);
  });

  it('is found in a message that ends before its last boundary', () => {
    const mail = parse(`${REPORT}\n\n--a\n${report('text/plain', 'Sorry.')}--a\n${report(status.type, status.text)}`);

    expect(mail).toMatchObject({ text: 'Sorry.\n', parts: [{ text: `${status.text}\n` }] });
  });

  it('is found in a part, but not ten levels deep', () => {
    const nested = (depth: number) =>
      [...Array(depth).keys()].map((at) => `Content-Type: multipart/mixed; boundary=${at}x\n\n--${at}x\n`).join('');

    expect(parse(`${nested(10)}${report(status.type, '')}`).parts).toHaveLength(1);
    expect(parse(`${nested(11)}${report(status.type, '')}`).parts).toHaveLength(0);
  });

  it('is one of a hundred at most, and has 64 KiB at most', () => {
    const many = parse(`${REPORT}\n\n${`--a\n${report(status.type, '')}`.repeat(200)}`);
    const long = parse(`Content-Type: message/delivery-status\n\n${'a'.repeat(100_000)}`);

    expect(many.parts).toHaveLength(100);
    expect(long.parts[0]?.text).toHaveLength(65_536);
  });

  it('is not found without a boundary, or in a message without a header', () => {
    expect(parse(`Content-Type: multipart/report\n\n--a\n${report(status.type, '')}`).parts).toEqual([]);
    expect(parse(`\n${report(status.type, '')}`)).toMatchObject({ parts: [], text: report(status.type, '') });
  });

  it('is decoded, from any charset', () => {
    const text = 'Content-Type: text/plain; charset="ISO-8859-1"\nContent-Transfer-Encoding: Base64\n\nR3L832U=';

    expect(parse(text).text).toBe('Grüße');
  });
});

it('a header is read up to 64 KiB', () => {
  const { fields } = parseMail(Buffer.from(`Subject: a\nX: ${'a'.repeat(65_536)}\nY: b\n\ntext`));

  expect([...fields.keys()]).toEqual(['subject', 'x']);
});

it('256 KiB of anything are read within 1.5 s of CPU time and 200 MB', async () => {
  const script = new URL('read-hostile-mails.ts', import.meta.url).pathname;

  const { stdout } = await promisify(execFile)(process.execPath, ['--max-old-space-size=100', script]);

  const { slowest, grownMb } = JSON.parse(stdout);
  expect(slowest.cpuMs, slowest.name).toBeLessThan(1_500);
  expect(grownMb).toBeLessThan(200);
});

describe('a hostile message', () => {
  it.each(Object.entries(HOSTILE_MAILS))('with %s is ignored', async (_what, create) => {
    expect(await kindOf(create())).toBe('ignored');
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

it('turns any bytes into a command for the recipient in the token, or nothing', async () => {
  await fc.assert(
    fc.asyncProperty(anyMail, async (bytes) => {
      const { commands, receiveRaw } = mailbox();
      await receiveRaw(bytes);
      for (const command of commands) expect(command).toMatchObject({ email: 'ada@example.com', source: 'mailbox' });
    }),
    { numRuns: 1_000 },
  );
});
