import { describe, expect, it } from 'vitest';
import { defaultPolicy } from '../../../functions/core/intake/policy.ts';
import { InvalidToken, Unavailable } from '../../../functions/core/model/errors.ts';
import type { Command } from '../../../functions/core/model/opt-out.ts';
import type { Mail } from '../../../functions/core/payload/mail.ts';
import { ADA, AT, plus } from '../examples.ts';
import { memoryMailbox } from './mailbox-memory.ts';

const TOKEN = `eyJhbGciOiJkaXIifQ..${'i'.repeat(16)}.c.${'t'.repeat(22)}`;

function mail(subject: string, fields: Record<string, string> = {}, parts: Mail['parts'] = [], text = ''): Mail {
  return { subject, text, parts, fields: new Map(Object.entries(fields).map(([name, value]) => [name, [value]])) };
}

const returned = (header: string) => ({ type: 'text/rfc822-headers', text: header });
const gone = {
  type: 'message/delivery-status',
  text: 'Final-Recipient: rfc822; ada@example.com\nAction: failed\nStatus: 5.1.1',
};
const carrier = returned(`List-Unsubscribe: <https://optout.example.com/u/${TOKEN}>`);
const bounce = (fields: Record<string, string> = {}) => mail('', fields, [gone, carrier]);

const IGNORED = { event: 'signals.ignored', source: 'mailbox', count: 1 };
const idsOf = (commands: readonly Command[]) => commands.map((command) => 'id' in command && command.id);

describe('a report', () => {
  it('is about the recipient in the token, received when it was stored', async () => {
    const { commands, events, unsealed, receive } = memoryMailbox();

    await receive(bounce(), plus(60));

    expect(unsealed).toEqual([TOKEN]);
    const at = plus(60).toISOString();
    expect(commands).toMatchObject([
      { version: 1, source: 'mailbox', kind: 'hard_bounce', email: ADA, scope: 'all', occurredAt: at, receivedAt: at },
    ]);
    expect(events).toMatchObject([{ event: 'optout.accepted', source: 'mailbox' }]);
  });

  it('has one id per recipient, brand, kind and day, whatever its message id', async () => {
    const brands: string[] = [];
    const { commands, receive } = memoryMailbox({
      brands: ['pets', 'toys'],
      unsealLink: async () => ({ email: ADA, brand: brands.shift() ?? 'pets' }),
    });
    const complaint = mail('', {}, [{ type: 'message/feedback-report', text: 'Feedback-Type: abuse' }, carrier]);

    await receive(bounce({ 'message-id': '<1@mx>' }), new Date('2026-11-02T00:00:00.000Z'));
    await receive(bounce({ 'message-id': '<2@mx>' }), new Date('2026-11-02T23:59:59.999Z'));
    await receive(bounce({ 'message-id': '<1@mx>' }), new Date('2026-11-03T00:00:00.000Z'));
    await receive(complaint);
    await receive(complaint, plus(60));
    brands.push('toys');
    await receive(bounce());

    const [first, again, nextDay, complained, complainedAgain, otherBrand] = idsOf(commands);
    expect([again, complainedAgain]).toEqual([first, complained]);
    expect(new Set([first, nextDay, complained, otherBrand]).size).toBe(4);
  });

  it('has an id that only the holder of the link key can compute', async () => {
    const [one, other] = await Promise.all(
      ['a', 'b'].map(async (key) => {
        const { commands, receive } = memoryMailbox({ keyedHash: async (text) => `${key} ${text}` });
        await receive(bounce());
        return idsOf(commands);
      }),
    );

    expect(one).not.toEqual(other);
  });

  it('carries its token in one of two fields of the returned message', async () => {
    const { unsealed, events, receive } = memoryMailbox();

    await receive(mail('', {}, [gone, returned(`X-Optout-Token: ${TOKEN}`)]));
    await receive(mail('', {}, [gone, returned('List-Unsubscribe: <mailto:a@example.org>'), carrier]));
    await receive(mail(TOKEN, { 'list-unsubscribe': TOKEN }, [gone, returned(`Subject: ${TOKEN}\n\n${carrier.text}`)]));
    await receive(mail(TOKEN, {}, [gone]));

    expect(unsealed).toEqual([TOKEN]);
    expect(events.slice(1)).toEqual([IGNORED, IGNORED, IGNORED]);
  });

  it('is found after the text for people, with its token in the second field', async () => {
    const { commands, receive } = memoryMailbox();
    const text = `List-Unsubscribe: <mailto:a@example.org>\nX-Optout-Token: ${TOKEN}`;

    await receive(mail('', {}, [{ type: 'text/plain', text: 'Sorry.' }, gone, returned(text)]));

    expect(commands).toMatchObject([{ kind: 'hard_bounce', email: ADA }]);
  });

  it.each(['message/rfc822', 'text/rfc822-headers', 'text/rfc822-header', 'message/global', 'message/global-headers'])(
    'returns the message or its header as %s',
    async (type) => {
      const { commands, receive } = memoryMailbox();

      await receive(mail('', {}, [gone, { ...carrier, type }]));

      expect(commands).toMatchObject([{ kind: 'hard_bounce', email: ADA }]);
    },
  );

  it('from Microsoft is a complaint without a report part', async () => {
    const { commands, receive } = memoryMailbox();
    const text = `X-HmXmrOriginalRecipient: grace@example.com\n${carrier.text}`;

    await receive(mail('', {}, [returned(text)]));

    expect(commands).toMatchObject([{ kind: 'complaint', email: ADA }]);
  });

  it('is handled by the policy', async () => {
    const full = { ...gone, text: gone.text.replace('5.1.1', '5.2.2') };
    const kinds = { ...defaultPolicy.kinds, hard_bounce: 'nothing', soft_bounce: 'unsubscribe-all' } as const;
    const { commands, events, receive } = memoryMailbox({ policyOf: () => ({ ...defaultPolicy, kinds }) });

    await receive(bounce());
    await receive(mail('', {}, [full, carrier]));

    expect(events[0]).toEqual(IGNORED);
    expect(commands).toMatchObject([{ kind: 'soft_bounce' }]);
  });
});

describe('a bounce in words', () => {
  const fromMailSystem = { 'return-path': '<>' };
  const words = '<ada@example.com>:\nSorry, no mailbox here by that name. (#5.1.1)';
  const header = `Received: by mx\nSubject: News\nList-Unsubscribe: <https://optout.example.com/u/${TOKEN}>`;

  it('carries its token in the returned header, in the text or in a part', async () => {
    const { commands, receive } = memoryMailbox();

    await receive(mail('', fromMailSystem, [], `${words}\n\n--- Below is a copy.\n\n${header}\n\nThe news.`));
    await receive(mail('', fromMailSystem, [carrier], words));

    expect(commands).toMatchObject([
      { kind: 'hard_bounce', email: ADA },
      { kind: 'hard_bounce', email: ADA },
    ]);
  });

  it('is ignored without a token in a header field, and if no mail system sent it', async () => {
    const { commands, events, receive } = memoryMailbox();

    await receive(mail('', fromMailSystem, [], `${words}\n\nSubject: ${TOKEN}\n\n${TOKEN}`));
    await receive(mail('', {}, [], `${words}\n\n${header}`));

    expect(commands).toEqual([]);
    expect(events).toEqual([IGNORED, IGNORED]);
  });
});

describe('an unsubscribe', () => {
  it('is a new event for each stored message, and one event however often S3 reports a message', async () => {
    const { commands, receive } = memoryMailbox();

    for (const key of ['mail/1', 'mail/2', 'mail/1']) await receive(mail(TOKEN, { 'message-id': '<1@mx>' }), AT, key);

    const [one, other, repeated] = idsOf(commands);
    expect(one).not.toBe(other);
    expect(repeated).toBe(one);
    expect(commands).toMatchObject(Array.from({ length: 3 }, () => ({ kind: 'opt_out', email: ADA })));
  });

  it('is for the brand in the token, or for all brands if that brand was removed', async () => {
    const brandsOf = async (brand: string) => {
      const { commands, receive } = memoryMailbox({ unsealLink: async () => ({ email: ADA, brand }) });
      await receive(mail(TOKEN));
      await receive(bounce());
      return commands.map((command) => 'brand' in command && command.brand);
    };

    expect(await brandsOf('pets')).toEqual(['pets', 'pets']);
    expect(await brandsOf('removed')).toEqual([false, false]);
  });

  it.each([
    { 'auto-submitted': 'auto-replied' },
    { 'auto-submitted': 'auto-generated; x=y' },
    { precedence: 'bulk' },
    { precedence: 'auto_reply' },
    { 'x-autoreply': 'yes' },
    { precedence: 'junk' },
    { precedence: 'list' },
    { 'x-autorespond': 'yes' },
    { 'x-autoresponder': 'yes' },
    { 'return-path': '<>' },
  ])('is not an automatic reply, which has %j and text before the token', async (fields) => {
    const { commands, events, receive } = memoryMailbox();

    await receive(mail(`Re: ${TOKEN}`, fields));
    expect([commands, events]).toEqual([[], [IGNORED]]);

    await receive(mail(` ${TOKEN} `, fields));
    expect(commands).toHaveLength(1);
  });

  it.each([{ 'auto-submitted': 'no' }, { precedence: 'first-class' }, { 'return-path': '<ada@example.com>' }])(
    'may be written by a person: %j',
    async (fields) => {
      const { commands, receive } = memoryMailbox();

      await receive(mail(`please unsubscribe ${TOKEN}`, fields));

      expect(commands).toHaveLength(1);
    },
  );

  it('is ignored without a token', async () => {
    const { commands, events, unsealed, receive } = memoryMailbox();

    await receive(mail('unsubscribe', { 'list-unsubscribe': TOKEN }));
    await receive(mail('', {}, [carrier]));

    expect([commands, unsealed]).toEqual([[], []]);
    expect(events).toEqual([IGNORED, IGNORED]);
  });
});

describe('a token', () => {
  it('that this relay did not issue is rejected and not quoted', async () => {
    const invalid = new InvalidToken('this link is not valid');
    const { commands, events, receive } = memoryMailbox({ unsealLink: () => Promise.reject(invalid) });

    await receive(mail(TOKEN));

    expect(commands).toEqual([]);
    expect(events).toEqual([
      { event: 'request.unauthenticated', source: 'mailbox', reason: 'token not issued by this relay' },
    ]);
  });

  it('that cannot be unsealed now, or a failing queue, is a failure of the relay', async () => {
    const failure = new Unavailable('not now');
    const never = () => Promise.reject(failure);

    for (const change of [{ unsealLink: never }, { enqueue: never }]) {
      const { events, receive } = memoryMailbox(change);
      await expect(receive(mail(TOKEN))).rejects.toBe(failure);
      expect(events).toEqual([]);
    }
  });
});
