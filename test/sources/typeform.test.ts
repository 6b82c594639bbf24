import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Unreadable } from '../../functions/core/model/errors.ts';
import type { FieldMap } from '../../functions/core/readers/field-map.ts';
import { typeform } from '../../functions/sources/typeform.ts';
import { NOWHERE } from '../core/examples.ts';
import { describeSource, expectAccepted, refusalOf } from './describe-source.ts';
import type { Fixture } from './fixture.ts';
import { fixturesOf, requestOf } from './fixture.ts';
import { later } from './harm.ts';

const SECRET = 'sample-secret-typeform';

function sign(body: Uint8Array): Readonly<Record<string, string>> {
  return { 'typeform-signature': `sha256=${createHmac('sha256', SECRET).update(body).digest('base64')}` };
}

describeSource(typeform(), { sign });

const [fixture] = fixturesOf('typeform') as [Fixture];
const recorded = requestOf(fixture, 'typeform');
const event = JSON.parse(fixture.body);

async function read(payload: unknown, fields?: FieldMap) {
  const body = Buffer.from(JSON.stringify(payload));
  const source = typeform(fields);
  return source.read(await source.verify({ ...recorded, body, headers: sign(body) }, [SECRET], NOWHERE));
}

const responding = (change: object) => ({ ...event, form_response: { ...event.form_response, ...change } });

it('rejects a signature without its prefix', async () => {
  const bare = sign(recorded.body)['typeform-signature']?.slice('sha256='.length) ?? '';

  await refusalOf(typeform(), { ...recorded, headers: { 'typeform-signature': bare } }, [SECRET]);
});

it('accepts a retry after ten hours', async () => {
  await expectAccepted(typeform(), later(recorded, 36_000), [SECRET]);
});

describe('the field map', () => {
  const email = (address: string, ref: string) => ({ type: 'email', email: address, field: { id: `id-${ref}`, ref } });
  const two = responding({ answers: [email('ada@example.com', 'mine'), email('grace@example.com', 'friend')] });

  it.each(['mine', 'id-mine'])('names the address by the question’s reference or id: %s', async (name) => {
    expect((await read(two, { email: name })).signals).toMatchObject([
      { email: 'ada@example.com', confidence: 'exact' },
    ]);
  });

  it('names hidden fields by name and everything else by path', async () => {
    const payload = responding({ hidden: { plan: 'news', email: 'kay@example.com' } });
    const fields = { email: 'email', list: 'form_response.form_id', id: 'token', time: 'landed_at' };

    expect((await read(payload, fields)).signals).toMatchObject([
      {
        email: 'kay@example.com',
        scope: { list: 'lT4Z3j' },
        eventKey: 'a3a12ec67a1365927098a606107fac15',
        occurredAt: new Date('2025-11-02T09:58:00.000Z'),
      },
    ]);
  });

  it.each([
    ['readable_ref_yes_no', 'opt_out'],
    ['readable_ref_multiple_choice', 'ignored'],
    ['not_asked', 'ignored'],
    [{ field: 'readable_ref_picture_choice', is: ['sydney'] }, 'opt_out'],
  ])('reads the answer %j as %s', async (optOut, kind) => {
    expect((await read(event, { optOut })).signals).toMatchObject([{ kind, email: 'laura@example.com' }]);
  });

  it.each(['readable_ref_picture_choice', 'readable_ref_long_text'])(
    'never guesses what the answer %s means',
    async (optOut) => {
      await expect(read(event, { optOut })).rejects.toThrow(new Unreadable(`${optOut} is neither yes nor no`));
    },
  );

  it.each([
    [{ label: 'Ja' }, 'opt_out'],
    [{ label: 'Nein' }, 'ignored'],
    [{ labels: ['No, keep me'] }, 'ignored'],
    [{ other: 'Yes, please stop' }, 'opt_out'],
    [{ labels: null, other: null }, 'ignored'],
    [{ labels: [] }, 'ignored'],
    [{}, 'ignored'],
  ])('reads the choice %j as %s', async (choice, kind) => {
    const type = 'labels' in choice ? 'choices' : 'choice';
    const answers = [email('ada@example.com', 'mine'), { type, [type]: choice, field: { ref: 'stop' } }];

    expect((await read(responding({ answers }), { optOut: 'stop' })).signals).toMatchObject([{ kind }]);
  });

  it.each([{ other: 'later' }, { labels: ['No'], other: 'later' }, { ids: ['x7'] }])(
    'never guesses what %j means',
    async (choice) => {
      const answers = [email('ada@example.com', 'mine'), { type: 'choices', choices: choice, field: { ref: 'stop' } }];

      await expect(read(responding({ answers }), { optOut: 'stop' })).rejects.toThrow(Unreadable);
    },
  );

  it('reads every choice as a list', async () => {
    const { signals } = await read(event, { list: 'readable_ref_picture_choice' });

    expect(signals.map(({ scope }) => scope)).toEqual([{ list: 'London' }, { list: 'Sydney' }]);
  });
});

it.each([
  ['no answer with an address', { answers: [], hidden: { phone: '7' } }, 'the address is missing'],
  ['no answers', { answers: null }, 'the address is missing'],
])('is unreadable with %s', async (_what, change, reason) => {
  await expect(read(responding(change))).rejects.toThrow(new Unreadable(reason));
});

it('takes an opt-out with a malformed time as of its arrival', async () => {
  expect((await read(responding({ submitted_at: 'now' }))).signals).toMatchObject([
    { email: 'laura@example.com', occurredAt: recorded.receivedAt, isTimeAssumed: true },
  ]);
});

it.each([
  ['an answer of another type', { answers: [{ type: 'text', text: 'ada@example.com', field: { ref: 'mail' } }] }],
  ['a hidden field', { answers: [], hidden: { correo: 'ada@example.com' } }],
])('finds the only address in %s', async (_what, change) => {
  expect((await read(responding(change))).signals).toMatchObject([{ email: 'ada@example.com', confidence: 'exact' }]);
});

it('reads the type of the event in any case', async () => {
  expect((await read({ ...event, event_type: 'FORM_RESPONSE' })).signals).toMatchObject([{ kind: 'opt_out' }]);
});

it('skips malformed answers', async () => {
  const odd = [
    'text',
    null,
    { type: 'text' },
    { field: { ref: 'no_type' } },
    { type: 'text', text: 'hello', email: 'grace@example.com' },
    { type: 'constructor', field: { id: 7 } },
  ];

  expect((await read(responding({ answers: [...odd, ...event.form_response.answers] }))).signals).toHaveLength(1);
});

it('gives no opt-out for an unknown event', async () => {
  expect(await read({ event_type: 'form_deleted' })).toEqual({ signals: [], unreadable: [] });
});

it.each(['[]', '{}', 'event_type=form_response'])('reports %j as unreadable', async (text) => {
  const body = Buffer.from(text);
  const verified = await typeform().verify({ ...recorded, body, headers: sign(body) }, [SECRET], NOWHERE);

  expect(() => typeform().read(verified)).toThrow(Unreadable);
});
