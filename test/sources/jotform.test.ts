import { describe, expect, it } from 'vitest';
import { Unreadable } from '../../functions/core/model/errors.ts';
import type { FieldMap } from '../../functions/core/readers/field-map.ts';
import { jotform } from '../../functions/sources/jotform.ts';
import { NOWHERE } from '../core/examples.ts';
import { describeSource, refusalOf } from './describe-source.ts';
import type { Fixture } from './fixture.ts';
import { fixturesOf, requestOf } from './fixture.ts';

describeSource(jotform());

const SECRET = 'sample-secret-jotform';
const [fixture] = fixturesOf('jotform') as [Fixture];
const recorded = requestOf(fixture, 'jotform');

/** Reads an urlencoded form with these fields. */
async function read(form: Readonly<Record<string, string>>, fields?: FieldMap) {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const body = Buffer.from(new URLSearchParams(form).toString());
  const source = jotform(fields);
  return source.read(await source.verify({ ...recorded, headers, body }, [SECRET], NOWHERE));
}

const answering = (answers: object) => ({ submissionID: '9007199254740993', rawRequest: JSON.stringify(answers) });

it('rejects a secret that is only in the body', async () => {
  expect(fixture.body).toContain(SECRET);

  await refusalOf(jotform(), { ...recorded, url: new URL('https://relay.example.com/webhooks/jotform') }, [SECRET]);
});

it('uses the time of arrival, because Jotform sends no time', async () => {
  expect((await read(answering({ q3_email: 'ada@example.com' }))).signals).toMatchObject([
    { eventKey: '9007199254740993', occurredAt: recorded.receivedAt },
  ]);
});

it('gives submissions of different forms without an id different keys', async () => {
  const rawRequest = JSON.stringify({ q3_email: 'ada@example.com', q4_at: '2026-11-02T10:00:01Z' });
  const [one] = (await read({ rawRequest, formID: '1' }, { time: 'q4_at' })).signals;
  const [other] = (await read({ rawRequest, formID: '2' }, { time: 'q4_at' })).signals;

  expect(one?.eventKey).not.toBe(other?.eventKey);
});

it('finds the address only in an answer whose default name contains email', async () => {
  const answers = { eq_q3_email: 'grace@example.com', q12_yourEmail: 'ada@example.com', email: 'grace@example.com' };

  expect((await read(answering(answers))).signals).toMatchObject([{ email: 'ada@example.com', confidence: 'exact' }]);
});

it('finds the only address in the answers, whatever the question', async () => {
  expect((await read(answering({ q3_yourAddress: 'ada@example.com' }))).signals).toMatchObject([
    { email: 'ada@example.com', confidence: 'exact' },
  ]);
});

describe('the field map', () => {
  const answers = {
    q3_email: 'ada@example.com',
    q4_yourFriend: 'grace@example.com',
    q5_stop: ['Stop it'],
    q6_keep: '',
    q9_sure: { 0: 'Sí', other: '' },
    q7_address: { city: 'London' },
  };

  it('names answers by key, parts of answers by path, and form fields', async () => {
    const fields = { email: 'q4_yourFriend', list: 'q7_address.city', id: 'submissionID' };

    expect((await read(answering(answers), fields)).signals).toMatchObject([
      { email: 'grace@example.com', scope: { list: 'London' }, eventKey: '9007199254740993', confidence: 'exact' },
    ]);
  });

  it.each([
    [{ field: 'q5_stop', is: ['Stop it'] }, 'opt_out'],
    [{ field: 'q5_stop', is: ['All'], isNot: ['Stop it'] }, 'ignored'],
    ['q6_keep', 'ignored'],
    ['q8_missing', 'ignored'],
    ['q9_sure', 'opt_out'],
  ])('reads the checkbox %j as %s', async (optOut, kind) => {
    expect((await read(answering(answers), { optOut })).signals).toMatchObject([{ kind, email: 'ada@example.com' }]);
  });

  it('never guesses what a ticked box means', async () => {
    await expect(read(answering(answers), { optOut: 'q5_stop' })).rejects.toThrow(
      new Unreadable('q5_stop is neither yes nor no'),
    );
  });
});

it.each([
  ['no email question', answering({ q3_yourAddress: 'London' }), 'the address is missing'],
  ['answers that are not an object', { rawRequest: '[]' }, 'rawRequest is not an object'],
  ['no answers', { submissionID: '1' }, 'rawRequest is missing'],
])('is unreadable with %s', async (_what, form, reason) => {
  await expect(read(form)).rejects.toThrow(new Unreadable(reason));
});
