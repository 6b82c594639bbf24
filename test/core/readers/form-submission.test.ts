import { describe, expect, it } from 'vitest';
import { Unreadable } from '../../../functions/core/model/errors.ts';
import type { FieldMap } from '../../../functions/core/readers/field-map.ts';
import type { Submission } from '../../../functions/core/readers/form-submission.ts';
import {
  emailsUnder,
  entriesOf,
  readSubmission,
  signalsOf,
  textsOf,
} from '../../../functions/core/readers/form-submission.ts';
import { ADA, AT, plus, request } from '../examples.ts';

const GRACE = 'grace@example.com';

function submission(change: Partial<Submission> = {}): Submission {
  return { request: request('{}'), kind: 'opt_out', places: [], emails: [ADA], id: 'e1', ...change };
}

const keysOf = (change: Partial<Submission>, fields: FieldMap = {}) =>
  signalsOf(submission({ id: undefined, ...change }), fields).map(({ eventKey }) => eventKey);

it('reads a submission as one signal, with the sender’s own fields', () => {
  expect(readSubmission(submission({ time: AT.toISOString() }), {})).toEqual({
    signals: [{ kind: 'opt_out', scope: 'all', email: ADA, eventKey: 'e1', occurredAt: AT, confidence: 'exact' }],
    unreadable: [],
  });
});

it('reads the fields that the map names, from the first object that has them', () => {
  const fields = { email: 'who', list: 'what', id: 'which', time: 'when' };
  const places = [
    { who: GRACE, what: ' ', which: null },
    { who: ADA, what: 'offers', which: 7, when: '2026-11-02T11:00:05+01:00' },
  ];

  expect(signalsOf(submission({ places }), fields)).toMatchObject([
    { email: GRACE, scope: 'all', eventKey: '7', occurredAt: plus(5), confidence: 'exact' },
  ]);
});

it('uses the sender’s own id and time if the mapped fields are missing', () => {
  const fields = { list: 'list', id: 'key', time: 'at' };

  expect(signalsOf(submission({ time: AT.toISOString() }), fields)).toMatchObject([
    { scope: 'all', eventKey: 'e1', occurredAt: AT },
  ]);
});

describe('the address', () => {
  it('counts once if it is given twice', () => {
    expect(signalsOf(submission({ emails: [ADA, ' ADA@example.com '] }), {})).toMatchObject([
      { email: ADA, confidence: 'exact' },
    ]);
  });

  it('is ambiguous if several differ and the map names none', () => {
    expect(signalsOf(submission({ emails: [ADA, GRACE] }), {})).toMatchObject([
      { email: ADA, eventKey: 'e1', confidence: 'ambiguous' },
      { email: GRACE, eventKey: 'e1', confidence: 'ambiguous' },
    ]);
  });

  it('is exact for each value of a mapped field', () => {
    const signals = signalsOf(submission({ places: [{ who: [ADA, GRACE, ''] }] }), { email: 'who' });

    expect(signals.map(({ email, confidence }) => [email, confidence])).toEqual([
      [ADA, 'exact'],
      [GRACE, 'exact'],
    ]);
  });

  it.each<[string, Partial<Submission>, FieldMap, string]>([
    ['there is no answer', { emails: [] }, {}, 'the address is missing'],
    ['the mapped field is missing', {}, { email: 'who' }, 'who is missing'],
    ['the mapped field holds no text', { places: [{ who: { at: ADA } }] }, { email: 'who' }, 'who is missing'],
    ['one address is not valid', { emails: [ADA, 'grace@'] }, {}, 'the email address is not valid'],
  ])('makes the submission unreadable if %s', (_what, change, fields, reason) => {
    expect(() => signalsOf(submission(change), fields)).toThrow(new Unreadable(reason));
  });
});

describe('the checkbox', () => {
  const places = [{ box: 'no', other: 'yes' }];

  it.each([
    ['other', 'opt_out'],
    ['box', 'ignored'],
    ['missing', 'ignored'],
  ])('named %s makes the submission %s', (optOut, kind) => {
    expect(signalsOf(submission({ places }), { optOut })).toMatchObject([{ kind, email: ADA }]);
  });

  it('makes the submission give no signal if it is not ticked and there is no address', () => {
    expect(signalsOf(submission({ places, emails: [] }), { optOut: 'box' })).toEqual([]);
  });

  it('does not turn another kind into an opt-out', () => {
    expect(signalsOf(submission({ places, kind: 'ignored' }), { optOut: 'other' })).toMatchObject([
      { kind: 'ignored' },
    ]);
  });
});

describe('the list', () => {
  it('gives a signal for each of several, each with its own key', () => {
    const places = [{ lists: ['news', 'offers', 'news', '', 7] }];

    expect(signalsOf(submission({ places }), { list: 'lists' })).toMatchObject([
      { scope: { list: 'news' }, eventKey: 'e1 news' },
      { scope: { list: 'offers' }, eventKey: 'e1 offers' },
      { scope: { list: '7' }, eventKey: 'e1 7' },
    ]);
  });

  it('does not change the key if there is only one', () => {
    expect(signalsOf(submission({ places: [{ lists: ['news'] }] }), { list: 'lists' })).toMatchObject([
      { scope: { list: 'news' }, eventKey: 'e1' },
    ]);
  });

  it('makes the submission unreadable if addresses and lists give too many signals', () => {
    const many = (count: number) => Array.from({ length: count }, (_, at) => `${at}@example.com`);
    const read = (emails: number, lists: number) =>
      signalsOf(submission({ places: [{ emails: many(emails), lists: many(lists) }] }), {
        email: 'emails',
        list: 'lists',
      });

    expect(read(100, 10)).toHaveLength(1000);
    expect(() => read(100, 11)).toThrow(new Unreadable('the submission names too many addresses and lists'));
  });
});

describe('the time', () => {
  it.each<[unknown, Date]>([
    ['2026-11-02T10:00:00Z', AT],
    [AT.getTime() / 1000, AT],
    [AT.getTime() / 1000 + 0.5, plus(0.5)],
    [AT.getTime() / 1000 + 0.25, plus(0.25)],
    [String(AT.getTime()), AT],
    [AT.getTime() + 500, plus(0.5)],
    [99_999_999_999, new Date('5138-11-16T09:46:39Z')],
    [100_000_000_000, new Date('1973-03-03T09:46:40Z')],
    [undefined, AT],
    ['', AT],
    [null, AT],
  ])('is read from %j', (time, occurredAt) => {
    expect(signalsOf(submission({ time }), {})).toMatchObject([{ occurredAt }]);
  });

  it.each(['2026-11-02T10:00:00', '2026-11-02', 'yesterday', 0, -1, 1e300, '9'.repeat(400)])(
    'makes the submission unreadable if it is %j',
    (when) => {
      expect(() => signalsOf(submission({ places: [{ when }] }), { time: 'when' })).toThrow(
        new Unreadable('when is not a time'),
      );
    },
  );

  it('is called the time of the submission in a reason if the map does not name it', () => {
    expect(() => signalsOf(submission({ time: 'yesterday' }), {})).toThrow(
      new Unreadable('the time of the submission is not a time'),
    );
  });
});

describe('the key without an id', () => {
  const time = AT.toISOString();
  const [known] = keysOf({ time });

  it('depends only on address, list, form and time', () => {
    expect(keysOf({ time: AT.getTime(), request: request('something else') })).toEqual([known]);
  });

  it.each<[string, Partial<Submission>, FieldMap]>([
    ['address', { emails: [GRACE] }, {}],
    ['list', { places: [{ list: 'news' }] }, { list: 'list' }],
    ['form', { form: '7' }, {}],
    ['time', { time: plus(1).toISOString() }, {}],
  ])('differs for another %s', (_what, change, fields) => {
    expect(keysOf({ time, ...change }, fields)).not.toEqual([known]);
  });

  it('depends on the whole body and the day without a time', () => {
    const [untimed] = keysOf({});
    const at = (receivedAt: Date) => keysOf({ request: request('{}', { receivedAt }) });

    expect(at(plus(60))).toEqual([untimed]);
    expect(at(plus(86_400))).not.toEqual([untimed]);
    expect(keysOf({ request: request('{ }') })).not.toEqual([untimed]);
    expect(known).not.toBe(untimed);
  });

  it('is the same on another day with a time', () => {
    expect(keysOf({ time, request: request('{}', { receivedAt: plus(86_400) }) })).toEqual([known]);
  });

  it('is derived quickly for every entry of a large batch', () => {
    const batch = request('x'.repeat(1_000_000));
    const started = performance.now();
    for (let at = 0; at < 10_000; at += 1) keysOf({ request: batch, emails: [`${at}@example.com`] });

    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('differs if text moves from one field to the next', () => {
    const [left] = keysOf({ time, form: 'a', places: [{ list: `b","${ADA}` }] }, { list: 'list' });
    const [right] = keysOf({ time, form: `a","${ADA}`, places: [{ list: 'b' }] }, { list: 'list' });

    expect(left).not.toBe(right);
  });
});

it('emailsUnder finds the addresses under names that contain email', () => {
  const answers = {
    Email: ADA,
    'Your E-Mail': [GRACE, 7],
    email_me: 'yes',
    work_email: { at: ADA },
    friend: 'kay@example.com',
    mail: 'jean@example.com',
  };

  expect(emailsUnder(answers)).toEqual([ADA, GRACE]);
  expect(emailsUnder(answers, /^mail$/)).toEqual(['jean@example.com']);
});

it('entriesOf returns the objects of an array, and nothing for another value', () => {
  expect(entriesOf([{ a: 1 }, null, 'b', [], { c: 2 }])).toEqual([{ a: 1 }, { c: 2 }]);
  expect(entriesOf({ a: 1 })).toEqual([]);
});

it('textsOf returns the texts and numbers of a value or an array', () => {
  expect(textsOf([' a ', 7, '', ' ', null, {}, ['b'], true])).toEqual(['a', '7']);
  expect(textsOf('a')).toEqual(['a']);
  expect(textsOf(undefined)).toEqual([]);
});
