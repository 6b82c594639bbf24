import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Unreadable } from '../../functions/core/model/errors.ts';
import type { FieldMap } from '../../functions/core/readers/field-map.ts';
import { tally } from '../../functions/sources/tally.ts';
import { NOWHERE } from '../core/examples.ts';
import { describeSource, expectAccepted } from './describe-source.ts';
import type { Fixture } from './fixture.ts';
import { fixturesOf, requestOf } from './fixture.ts';

const SECRET = 'sample-secret-tally';

function sign(body: Uint8Array): Readonly<Record<string, string>> {
  return { 'tally-signature': createHmac('sha256', SECRET).update(body).digest('base64') };
}

describeSource(tally(), { sign });

const [fixture] = fixturesOf('tally') as [Fixture];
const recorded = requestOf(fixture, 'tally');
const event = JSON.parse(fixture.body);

async function read(payload: unknown, fields?: FieldMap) {
  const body = Buffer.from(JSON.stringify(payload));
  const source = tally(fields);
  return source.read(await source.verify({ ...recorded, body, headers: sign(body) }, [SECRET], NOWHERE));
}

const answering = (fields: unknown) => ({ ...event, data: { ...event.data, fields } });

it('verifies the exact bytes, not the parsed body', async () => {
  const body = Buffer.from(JSON.stringify(event, null, 1));

  await expectAccepted(tally(), { ...recorded, body, headers: sign(body) }, [SECRET]);
});

describe('the field map', () => {
  const email = (value: string, label: string) => ({ key: `key-${label}`, label, type: 'INPUT_EMAIL', value });
  const two = answering([email('ada@example.com', 'Mine'), email('grace@example.com', 'A friend’s')]);

  it.each(['Mine', 'key-Mine'])('names the address by its label or key: %s', async (name) => {
    expect((await read(two, { email: name })).signals).toMatchObject([
      { email: 'ada@example.com', confidence: 'exact' },
    ]);
  });

  it('names hidden fields by label and everything else by path', async () => {
    const fields = { list: 'campaign', id: 'data.submissionId', time: 'data.createdAt' };

    expect((await read(event, fields)).signals).toMatchObject([
      { scope: { list: 'autumn' }, eventKey: '2wgx4n', occurredAt: new Date('2025-11-02T10:00:01.000Z') },
    ]);
  });

  it.each([
    ['Checkboxes (News)', 'opt_out'],
    ['Checkboxes (Offers)', 'ignored'],
    ['Multiple choice', 'ignored'],
    ['not asked', 'ignored'],
    [{ field: 'Checkboxes', is: ['News'] }, 'opt_out'],
    [{ field: 'question_w7qZZa', is: ['news'] }, 'opt_out'],
    [{ field: 'Checkboxes', is: ['Offers'], isNot: ['News'] }, 'ignored'],
  ])('reads the answer %j as %s', async (optOut, kind) => {
    expect((await read(event, { optOut })).signals).toMatchObject([{ kind, email: 'alice@example.com' }]);
  });

  it.each(['Checkboxes', 'Text'])('never guesses what the answer %s means', async (optOut) => {
    await expect(read(event, { optOut })).rejects.toThrow(new Unreadable(`${optOut} is neither yes nor no`));
  });

  it.each([
    ['Ja', 'Nein', 'a', 'opt_out'],
    ['Ja', 'Nein', 'b', 'ignored'],
    ['Yes, unsubscribe me', 'No, keep me', 'a', 'opt_out'],
    ['Yes, unsubscribe me', 'No, keep me', 'b', 'ignored'],
  ])('reads the chosen text of %s and %s: %s is %s', async (yes, no, id, kind) => {
    const options = [
      { id: 'a', text: yes },
      { id: 'b', text: no },
    ];
    const choice = { key: 'c', label: 'Unsubscribe?', type: 'MULTIPLE_CHOICE', options };
    const kindOf = async (value: unknown) => {
      const answers = answering([email('ada@example.com', 'Mine'), { ...choice, value }]);
      return (await read(answers, { optOut: 'Unsubscribe?' })).signals.map((signal) => signal.kind);
    };

    expect(await kindOf([id])).toEqual([kind]);
    expect(await kindOf(id)).toEqual([kind]);
  });

  it('never guesses what a choice without a text means', async () => {
    const choice = { key: 'c', label: 'Unsubscribe?', type: 'DROPDOWN', value: ['b2'] };
    const answers = answering([email('ada@example.com', 'Mine'), choice]);

    await expect(read(answers, { optOut: 'Unsubscribe?' })).rejects.toThrow(Unreadable);
  });

  it('reads choices by their texts, one or many', async () => {
    const options = [{ id: 'a1', text: 'News' }];
    const one = { key: 'k', label: 'Which', type: 'DROPDOWN', value: 'a1', options };
    const listsOf = async (value: unknown) => {
      const { signals } = await read(answering([email('ada@example.com', 'Mine'), { ...one, value }]), {
        list: 'Which',
      });
      return signals.map(({ scope }) => scope);
    };

    expect(await listsOf('a1')).toEqual([{ list: 'News' }]);
    expect(await listsOf(['a1', 'b2'])).toEqual([{ list: 'News' }, { list: 'b2' }]);
  });
});

it.each([
  ['no answer with an address', [{ key: 'k', label: 'phone', type: 'HIDDEN_FIELDS', value: 'x@' }]],
  ['malformed answers', ['text', null, {}]],
  ['no answers', undefined],
])('is unreadable with %s', async (_what, fields) => {
  await expect(read(answering(fields))).rejects.toThrow(new Unreadable('the address is missing'));
});

it('finds the only address in the answers, whatever the question', async () => {
  const answer = { key: 'k', label: 'Adresse', type: 'INPUT_TEXT', value: 'ada@example.com' };

  expect((await read(answering([answer]))).signals).toMatchObject([{ email: 'ada@example.com', confidence: 'exact' }]);
});

it('reads the type of the event in any case', async () => {
  expect((await read({ ...event, eventType: 'form_response' })).signals).toMatchObject([{ kind: 'opt_out' }]);
});

it('gives no opt-out for an unknown event', async () => {
  expect(await read({ eventType: 'FORM_DELETED' })).toEqual({ signals: [], unreadable: [] });
});
