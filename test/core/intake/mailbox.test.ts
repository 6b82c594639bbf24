import { describe, expect, it } from 'vitest';
import { defaultPolicy } from '../../../functions/core/intake/policy.ts';
import { InvalidToken, Unavailable } from '../../../functions/core/model/errors.ts';
import type { Command } from '../../../functions/core/model/opt-out.ts';
import type { Mail } from '../../../functions/core/payload/mail.ts';
import { ADA, plus } from '../examples.ts';
import { memoryMailbox } from './mailbox-memory.ts';

const TOKEN = `eyJhbGciOiJkaXIifQ..${'i'.repeat(16)}.c.${'t'.repeat(22)}`;

function mail(subject: string, fields: Record<string, string> = {}, parts: Mail['parts'] = []): Mail {
  return { subject, fields: new Map(Object.entries(fields).map(([name, value]) => [name, [value]])), parts };
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

    await receive(bounce(), { receivedAt: plus(60) });

    expect(unsealed).toEqual([TOKEN]);
    const at = plus(60).toISOString();
    expect(commands).toMatchObject([
      { version: 1, source: 'mailbox', kind: 'hard_bounce', email: ADA, scope: 'all', occurredAt: at, receivedAt: at },
    ]);
    expect(events).toMatchObject([{ event: 'optout.accepted', source: 'mailbox' }]);
  });

  it('has one id per message id, or else per object key', async () => {
    const { commands, receive } = memoryMailbox();

    await receive(bounce({ 'message-id': '<1@mx>' }));
    await receive(bounce({ 'message-id': '<1@mx>' }), { objectKey: 'mail/2', receivedAt: plus(3600) });
    await receive(bounce({ 'message-id': '<2@mx>' }));
    await receive(bounce());
    await receive(bounce(), { receivedAt: plus(3600) });
    await receive(bounce(), { objectKey: 'mail/2' });

    const [one, again, two, first, retried, other] = idsOf(commands);
    expect([again, retried]).toEqual([one, first]);
    expect(new Set([one, two, first, other]).size).toBe(4);
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

  it.each(['message/rfc822', 'text/rfc822-headers', 'message/global', 'message/global-headers'])(
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

describe('an unsubscribe', () => {
  it('has one id per minute, whatever its message id', async () => {
    const { commands, receive } = memoryMailbox();

    await receive(mail(TOKEN, { 'message-id': '<1@mx>' }), { receivedAt: plus(1) });
    await receive(mail(`Re: ${TOKEN}`, { 'message-id': '<2@mx>' }), { receivedAt: plus(59), objectKey: 'mail/2' });
    await receive(mail(TOKEN, { 'message-id': '<1@mx>' }), { receivedAt: plus(60) });

    const [one, again, later] = idsOf(commands);
    expect(again).toBe(one);
    expect(later).not.toBe(one);
    expect(commands[0]).toMatchObject({ kind: 'opt_out', email: ADA });
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
