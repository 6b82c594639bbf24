import { describe, expect, it } from 'vitest';
import { Unreadable } from '../../../functions/core/model/errors.ts';
import type { FieldMap } from '../../../functions/core/readers/field-map.ts';
import type { Submission } from '../../../functions/core/readers/form-submission.ts';
import { emailsUnder, entriesOf, readSubmission, textsOf } from '../../../functions/core/readers/form-submission.ts';
import { ADA, AT, plus, request } from '../examples.ts';

const GRACE = 'grace@example.com';

function submission(change: Partial<Submission> = {}): Submission {
  return { request: request('{}'), kind: 'opt_out', places: [], emails: [ADA], id: 'e1', ...change };
}

const signalsOf = (given: Submission, fields: FieldMap) => readSubmission(given, fields).signals;
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
    ['the mapped field is missing', { places: [{ other: ADA }] }, { email: 'who' }, 'who is missing'],
    ['the mapped field holds no text', { places: [{ who: { at: ADA } }] }, { email: 'who' }, 'who is missing'],
    [
      'the mapped field holds no address',
      { places: [{ who: 'ada@' }] },
      { email: 'who' },
      'the email address is not valid',
    ],
    ['no answer is an address', { emails: ['grace@'] }, {}, 'the email address is not valid'],
    [
      'its own field holds no address',
      { emails: [], emailField: 'email', places: [{ email: 'ada' }] },
      {},
      'the email address is not valid',
    ],
  ])('makes the submission unreadable if %s', (_what, change, fields, reason) => {
    expect(() => signalsOf(submission(change), fields)).toThrow(new Unreadable(reason));
  });

  it.each<[string, Partial<Submission>]>([
    ['a candidate that is not an address', { emails: ['ask bob@example.com please', ADA] }],
    ['a display name', { emails: ['Ada L. <ada@example.com>'] }],
    ['only candidates that are not addresses', { emails: ['ada@'], places: [{ Correo: ` ${ADA} ` }] }],
    [
      'no candidate',
      { emails: [], places: [{ a: [{ Correo: ADA }], b: 'ask bob@example.com', c: 7 }, { other: GRACE }] },
    ],
    ['its own field', { emails: [GRACE], emailField: 'email', places: [{ email: ADA, friend: GRACE }] }],
    [
      'other fields if its own holds no address',
      { emails: [], emailField: 'email', places: [{ email: 'x', Mail: ADA }] },
    ],
  ])('is found with %s', (_what, change) => {
    expect(readSubmission(submission(change), {})).toMatchObject({
      signals: [{ email: ADA, confidence: 'exact' }],
      unreadable: [],
    });
  });

  it('is ambiguous if the answers hold two, and none is the answer to a question about it', () => {
    const places = [{ Correo: ADA, Amigo: GRACE, again: ADA }];

    expect(signalsOf(submission({ emails: [], places }), {})).toMatchObject([
      { email: ADA, confidence: 'ambiguous' },
      { email: GRACE, confidence: 'ambiguous' },
    ]);
  });

  it('gives a signal for each address in the mapped field, and counts the values that are not addresses', () => {
    expect(readSubmission(submission({ places: [{ who: [ADA, 'grace@'] }] }), { email: 'who' })).toMatchObject({
      signals: [{ email: ADA, confidence: 'exact' }],
      unreadable: ['the email address is not valid'],
    });
  });
});

describe('the answer that optOut names', () => {
  const places = [{ box: 'no', other: 'yes', word: 'maybe', state: 'cleaned' }];

  it.each<[FieldMap['optOut'] & {}, string]>([
    ['other', 'opt_out'],
    ['box', 'ignored'],
    ['missing', 'ignored'],
    [{ field: 'state', is: ['cleaned'] }, 'opt_out'],
    [{ field: 'state', is: ['unsubscribed'], isNot: ['cleaned'] }, 'ignored'],
  ])('%j makes the submission %s', (optOut, kind) => {
    expect(signalsOf(submission({ places }), { optOut })).toMatchObject([{ kind, email: ADA }]);
  });

  it.each<FieldMap['optOut'] & {}>(['word', { field: 'word', is: ['unsubscribed'] }])(
    'makes the submission unreadable if it is neither yes nor no: %j',
    (optOut) => {
      expect(() => signalsOf(submission({ places }), { optOut })).toThrow(new Unreadable('word is neither yes nor no'));
    },
  );

  it('makes the submission give no signal if it means no and there is no address', () => {
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
    [1_000_000_000_000, new Date('2001-09-09T01:46:40Z')],
    [undefined, AT],
    ['', AT],
    [null, AT],
  ])('is read from %j', (time, occurredAt) => {
    expect(signalsOf(submission({ time }), {})).toMatchObject([{ occurredAt }]);
  });

  it.each(['2026-11-02T10:00:00', '2026-11-02', 'yesterday', 0, -1, 1e300, '9'.repeat(400)])(
    'is the time of arrival, and assumed, if it is %j',
    (when) => {
      expect(signalsOf(submission({ places: [{ when }] }), { time: 'when' })).toMatchObject([
        { email: ADA, occurredAt: AT, isTimeAssumed: true },
      ]);
    },
  );

  it('is the sender’s own if the mapped field holds none', () => {
    const [signal] = signalsOf(submission({ places: [{ when: 'yesterday' }], time: plus(-5).toISOString() }), {
      time: 'when',
    });

    expect(signal).toMatchObject({ occurredAt: plus(-5) });
    expect(signal).not.toHaveProperty('isTimeAssumed');
  });

  it('is the time of arrival, and not assumed, for senders without one', () => {
    expect(signalsOf(submission(), {})[0]).not.toHaveProperty('isTimeAssumed');
  });
});

describe('the key without an id', () => {
  const time = plus(1).toISOString();
  const [known] = keysOf({ time });

  it('depends only on address, list, form and time', () => {
    expect(keysOf({ time: plus(1).getTime(), request: request('something else') })).toEqual([known]);
  });

  it.each<[string, Partial<Submission>, FieldMap]>([
    ['address', { emails: [GRACE] }, {}],
    ['list', { places: [{ list: 'news' }] }, { list: 'list' }],
    ['form', { form: '7' }, {}],
    ['time', { time: plus(2).toISOString() }, {}],
  ])('differs for another %s', (_what, change, fields) => {
    expect(keysOf({ time, ...change }, fields)).not.toEqual([known]);
  });

  it('is missing with a time of a full minute, which two acts of a person may share', () => {
    expect(keysOf({ time: AT.toISOString() })).toEqual([undefined]);
  });

  it('is missing without a time, so that every submission is a new event', () => {
    expect(keysOf({})).toEqual([undefined]);
    expect(keysOf({ places: [{ list: ['news', 'offers'] }] }, { list: 'list' })).toEqual([undefined, undefined]);
  });

  it('is the same on another day with a time', () => {
    expect(keysOf({ time, request: request('{}', { receivedAt: plus(86_400) }) })).toEqual([known]);
  });

  it('differs if text moves from one field to the next', () => {
    const [left] = keysOf({ time, form: 'a', places: [{ list: `b","${ADA}` }] }, { list: 'list' });
    const [right] = keysOf({ time, form: `a","${ADA}`, places: [{ list: 'b' }] }, { list: 'list' });

    expect(left).not.toBe(right);
  });
});

describe('emailsUnder', () => {
  it('finds the addresses under names that contain email', () => {
    const answers = {
      Email: ADA,
      'Your E-Mail': [GRACE, 7],
      email_me: 'yes',
      work_email: { at: ADA },
      friend: 'kay@example.com',
      mail: 'jean@example.com',
    };

    expect(emailsUnder(answers)).toEqual([ADA, GRACE]);
    expect(emailsUnder({ q3_mail: ADA, q4_email: GRACE }, /^q4/)).toEqual([GRACE]);
  });

  it.each([
    'email',
    'E-mail',
    'EMAIL',
    'your_email_address',
    'E-Mail-Adresse',
    'q3_email',
    'q5_yourEmail7',
    'Email *',
    'Email 2',
  ])('trusts the name %s', (name) => {
    expect(emailsUnder({ [name]: ADA, Correo: GRACE })).toEqual([ADA]);
  });

  it.each(['friends_email', 'Email of a friend', 'Email me about', 'q5_managerEmail'])(
    'finds none if the name is %s, which may be the address of somebody else',
    (name) => {
      expect(emailsUnder({ [name]: GRACE, Correo: ADA })).toEqual([]);
    },
  );

  it('finds texts that look like addresses if there is no valid one, so that the reason can be reported', () => {
    expect(emailsUnder({ Email: 'ada@', 'Email me': 'yes' })).toEqual(['ada@']);
  });

  it('does not trust a name whose value is not an address', () => {
    expect(emailsUnder({ Email: 'ada@', friends_email: GRACE })).toEqual([]);
  });
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
