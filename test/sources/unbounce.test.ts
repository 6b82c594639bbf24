import { describe, expect, it } from 'vitest';
import { Unreadable } from '../../functions/core/model/errors.ts';
import type { FieldMap } from '../../functions/core/readers/field-map.ts';
import { unbounce } from '../../functions/sources/unbounce.ts';
import { NOWHERE } from '../core/examples.ts';
import { describeSource } from './describe-source.ts';
import type { Fixture } from './fixture.ts';
import { fixturesOf, requestOf } from './fixture.ts';

describeSource(unbounce());

const SECRET = 'sample-secret-unbounce';
const [fixture] = fixturesOf('unbounce') as [Fixture];
const recorded = requestOf(fixture, 'unbounce');

async function readForm(form: Readonly<Record<string, string>>, fields?: FieldMap) {
  const body = Buffer.from(new URLSearchParams(form).toString());
  const source = unbounce(fields);
  return source.read(await source.verify({ ...recorded, body }, [SECRET], NOWHERE));
}

const read = (answers: object, fields?: FieldMap) =>
  readForm({ page_id: '7', variant: 'b', 'data.json': JSON.stringify(answers) }, fields);

const email = ['ada@example.com'];

describe('the time', () => {
  it.each([
    ['12:05 AM UTC', '2025-11-02T00:05:00.000Z'],
    ['1:05 AM UTC', '2025-11-02T01:05:00.000Z'],
    ['12:12 PM UTC', '2025-11-02T12:12:00.000Z'],
    ['09:59 PM UTC', '2025-11-02T21:59:00.000Z'],
  ])('is read from %s', async (time, iso) => {
    const answers = { email, date_submitted: ['2025-11-02'], time_submitted: [time] };

    expect((await read(answers)).signals).toMatchObject([{ occurredAt: new Date(iso) }]);
  });

  it.each([
    [['2025-11-02'], ['11:59 AM PST']],
    [['2025-11-02'], ['11:59 AM UTC+1']],
    [['2025-11-02'], ['13:00 AM UTC']],
    [['2025-11-02'], undefined],
    [['some day'], ['11:59 AM UTC']],
    [undefined, ['11:59 AM UTC']],
  ])('is the time of arrival for the date %j and the time %j', async (date_submitted, time_submitted) => {
    const { signals } = await read({ email, date_submitted, time_submitted });

    expect(signals).toMatchObject([{ occurredAt: recorded.receivedAt }]);
  });
});

describe('the field map', () => {
  const answers = {
    email,
    friend: ['grace@example.com'],
    stop: ['yes'],
    box: ['Stop it'],
    keep: ['no'],
    which: ['News', 'Offers'],
  };

  it('names the form’s fields and the webhook’s own fields', async () => {
    const { signals } = await read(answers, { email: 'friend', list: 'which', id: 'variant' });

    expect(signals).toMatchObject([
      { email: 'grace@example.com', scope: { list: 'News' }, eventKey: 'b News', confidence: 'exact' },
      { email: 'grace@example.com', scope: { list: 'Offers' }, eventKey: 'b Offers' },
    ]);
  });

  it.each([
    ['stop', 'opt_out'],
    ['keep', 'ignored'],
    ['missing', 'ignored'],
    [{ field: 'box', is: ['stop it'] }, 'opt_out'],
  ])('reads the checkbox %j as %s', async (optOut, kind) => {
    expect((await read(answers, { optOut })).signals).toMatchObject([{ kind, email: 'ada@example.com' }]);
  });
});

it('never guesses what a ticked box means', async () => {
  await expect(read({ email, box: ['Stop it'] }, { optOut: 'box' })).rejects.toThrow(Unreadable);
});

it('finds the only address in the fields, whatever its name', async () => {
  expect((await read({ correo: email, page_name: ['Baja'] })).signals).toMatchObject([
    { email: 'ada@example.com', confidence: 'exact' },
  ]);
});

it.each([
  ['no field with an address', { 'data.json': '{"phone":["7"]}' }, 'the address is missing'],
  ['fields that are not an object', { 'data.json': '"email"' }, 'data.json is not an object'],
  ['no fields', { page_id: '7' }, 'data.json is missing'],
])('is unreadable with %s', async (_what, form, reason) => {
  await expect(readForm(form)).rejects.toThrow(new Unreadable(reason));
});
