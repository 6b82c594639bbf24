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

const nothingAsked = { event: 'signals.ignored', source: 'mailbox', count: 1 };
const idsOf = (commands: readonly Command[]) => commands.map((command) => 'id' in command && command.id);

describe('a report', () => {
  it('is about whom the token names, received when it was stored', async () => {
    const { commands, events, opened, receive } = memoryMailbox();

    await receive(bounce(), { receivedAt: plus(60) });

    expect(opened).toEqual([TOKEN]);
    const at = plus(60).toISOString();
    expect(commands).toMatchObject([
      { version: 1, source: 'mailbox', kind: 'hard_bounce', email: ADA, scope: 'all', occurredAt: at, receivedAt: at },
    ]);
    expect(events).toMatchObject([{ event: 'optout.accepted', source: 'mailbox' }]);
  });

  it('is the same event by its message id, however often and wherever it is stored', async () => {
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

  it('carries its token in one of two fields of the mail it returns, and nowhere else', async () => {
    const { opened, events, receive } = memoryMailbox();

    await receive(mail('', {}, [gone, returned(`X-Optout-Token: ${TOKEN}`)]));
    await receive(mail('', {}, [gone, returned('List-Unsubscribe: <mailto:a@example.org>'), carrier]));
    await receive(mail(TOKEN, { 'list-unsubscribe': TOKEN }, [gone, returned(`Subject: ${TOKEN}\n\n${carrier.text}`)]));
    await receive(mail(TOKEN, {}, [gone]));

    expect(opened).toEqual([TOKEN]);
    expect(events.slice(1)).toEqual([nothingAsked, nothingAsked, nothingAsked]);
  });

  it('is found behind what a person reads of it, and its token in the second field', async () => {
    const { commands, receive } = memoryMailbox();
    const text = `List-Unsubscribe: <mailto:a@example.org>\nX-Optout-Token: ${TOKEN}`;

    await receive(mail('', {}, [{ type: 'text/plain', text: 'Sorry.' }, gone, returned(text)]));

    expect(commands).toMatchObject([{ kind: 'hard_bounce', email: ADA }]);
  });

  it.each(['message/rfc822', 'text/rfc822-headers', 'message/global', 'message/global-headers'])(
    'returns the mail, or its header, as %s',
    async (type) => {
      const { commands, receive } = memoryMailbox();

      await receive(mail('', {}, [gone, { ...carrier, type }]));

      expect(commands).toMatchObject([{ kind: 'hard_bounce', email: ADA }]);
    },
  );

  it('of Microsoft is a complaint without a report in it', async () => {
    const { commands, receive } = memoryMailbox();
    const text = `X-HmXmrOriginalRecipient: grace@example.com\n${carrier.text}`;

    await receive(mail('', {}, [returned(text)]));

    expect(commands).toMatchObject([{ kind: 'complaint', email: ADA }]);
  });

  it('asks for what the policy says', async () => {
    const full = { ...gone, text: gone.text.replace('5.1.1', '5.2.2') };
    const kinds = { ...defaultPolicy.kinds, hard_bounce: 'nothing', soft_bounce: 'unsubscribe-all' } as const;
    const { commands, events, receive } = memoryMailbox({ policyOf: () => ({ ...defaultPolicy, kinds }) });

    await receive(bounce());
    await receive(mail('', {}, [full, carrier]));

    expect(events[0]).toEqual(nothingAsked);
    expect(commands).toMatchObject([{ kind: 'soft_bounce' }]);
  });
});

describe('an unsubscribe', () => {
  it('is a new act in every minute, whatever the mail', async () => {
    const { commands, receive } = memoryMailbox();

    await receive(mail(TOKEN, { 'message-id': '<1@mx>' }), { receivedAt: plus(1) });
    await receive(mail(`Re: ${TOKEN}`, { 'message-id': '<2@mx>' }), { receivedAt: plus(59), objectKey: 'mail/2' });
    await receive(mail(TOKEN, { 'message-id': '<1@mx>' }), { receivedAt: plus(60) });

    const [one, again, later] = idsOf(commands);
    expect(again).toBe(one);
    expect(later).not.toBe(one);
    expect(commands[0]).toMatchObject({ kind: 'opt_out', email: ADA });
  });

  it('is for the brand in the token, and for all once that brand is gone', async () => {
    const brandsOf = async (brand: string) => {
      const { commands, receive } = memoryMailbox({ unsealLink: async () => ({ email: ADA, brand }) });
      await receive(mail(TOKEN));
      await receive(bounce());
      return commands.map((command) => 'brand' in command && command.brand);
    };

    expect(await brandsOf('pets')).toEqual(['pets', 'pets']);
    expect(await brandsOf('gone')).toEqual([false, false]);
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
  ])('is no automatic reply, which says so and has words before the token: %j', async (fields) => {
    const { commands, events, receive } = memoryMailbox();

    await receive(mail(`Re: ${TOKEN}`, fields));
    expect([commands, events]).toEqual([[], [nothingAsked]]);

    await receive(mail(` ${TOKEN} `, fields));
    expect(commands).toHaveLength(1);
  });

  it.each([{ 'auto-submitted': 'no' }, { precedence: 'first-class' }, { 'return-path': '<ada@example.com>' }])(
    'may say that a person has written it: %j',
    async (fields) => {
      const { commands, receive } = memoryMailbox();

      await receive(mail(`please unsubscribe ${TOKEN}`, fields));

      expect(commands).toHaveLength(1);
    },
  );

  it('asks for nothing without a token', async () => {
    const { commands, events, opened, receive } = memoryMailbox();

    await receive(mail('unsubscribe', { 'list-unsubscribe': TOKEN }));
    await receive(mail('', {}, [carrier]));

    expect([commands, opened]).toEqual([[], []]);
    expect(events).toEqual([nothingAsked, nothingAsked]);
  });
});

describe('a token', () => {
  it('that is none of ours is refused, and not quoted', async () => {
    const refusal = new InvalidToken('this link is not valid');
    const { commands, events, receive } = memoryMailbox({ unsealLink: () => Promise.reject(refusal) });

    await receive(mail(TOKEN));

    expect(commands).toEqual([]);
    expect(events).toEqual([
      { event: 'request.unauthenticated', source: 'mailbox', reason: 'token not issued by this relay' },
    ]);
  });

  it('that could not be opened, or a queue that does not take the command, is our failure', async () => {
    const failure = new Unavailable('not now');
    const never = () => Promise.reject(failure);

    for (const change of [{ unsealLink: never }, { enqueue: never }]) {
      const { events, receive } = memoryMailbox(change);
      await expect(receive(mail(TOKEN))).rejects.toBe(failure);
      expect(events).toEqual([]);
    }
  });
});
