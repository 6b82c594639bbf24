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

it('reads a submission to one signal, with what the sender has of its own', () => {
  expect(readSubmission(submission({ time: AT.toISOString() }), {})).toEqual({
    signals: [{ kind: 'opt_out', scope: 'all', email: ADA, eventKey: 'e1', occurredAt: AT, confidence: 'exact' }],
    unreadable: [],
  });
});

it('reads to what the field map names, from the first place that has it', () => {
  const fields = { email: 'who', list: 'what', id: 'which', time: 'when' };
  const places = [
    { who: GRACE, what: ' ', which: null },
    { who: ADA, what: 'offers', which: 7, when: '2026-11-02T11:00:05+01:00' },
  ];

  expect(signalsOf(submission({ places }), fields)).toMatchObject([
    { email: GRACE, scope: 'all', eventKey: '7', occurredAt: plus(5), confidence: 'exact' },
  ]);
});

it('falls back on the sender’s own id and time where the field map names what is not there', () => {
  const fields = { list: 'list', id: 'key', time: 'at' };

  expect(signalsOf(submission({ time: AT.toISOString() }), fields)).toMatchObject([
    { scope: 'all', eventKey: 'e1', occurredAt: AT },
  ]);
});

describe('the address', () => {
  it('is one when it is given twice', () => {
    expect(signalsOf(submission({ emails: [ADA, ' ADA@example.com '] }), {})).toMatchObject([
      { email: ADA, confidence: 'exact' },
    ]);
  });

  it('is ambiguous when there are several and none is named', () => {
    expect(signalsOf(submission({ emails: [ADA, GRACE] }), {})).toMatchObject([
      { email: ADA, eventKey: 'e1', confidence: 'ambiguous' },
      { email: GRACE, eventKey: 'e1', confidence: 'ambiguous' },
    ]);
  });

  it('is exact for each when a named field holds several', () => {
    const signals = signalsOf(submission({ places: [{ who: [ADA, GRACE, ''] }] }), { email: 'who' });

    expect(signals.map(({ email, confidence }) => [email, confidence])).toEqual([
      [ADA, 'exact'],
      [GRACE, 'exact'],
    ]);
  });

  it.each<[string, Partial<Submission>, FieldMap, string]>([
    ['nobody answered', { emails: [] }, {}, 'the address is missing'],
    ['the named field is not there', {}, { email: 'who' }, 'who is missing'],
    ['the named field holds none', { places: [{ who: { at: ADA } }] }, { email: 'who' }, 'who is missing'],
    ['one of them is none', { emails: [ADA, 'grace@'] }, {}, 'the email address is not valid'],
  ])('makes it unreadable when %s', (_what, change, fields, reason) => {
    expect(() => signalsOf(submission(change), fields)).toThrow(new Unreadable(reason));
  });
});

describe('the box', () => {
  const places = [{ box: 'no', other: 'yes' }];

  it.each([
    ['other', 'opt_out'],
    ['box', 'ignored'],
    ['missing', 'ignored'],
  ])('called %s makes it %s', (optOut, kind) => {
    expect(signalsOf(submission({ places }), { optOut })).toMatchObject([{ kind, email: ADA }]);
  });

  it('asks for nothing where it is not ticked and there is no address either', () => {
    expect(signalsOf(submission({ places, emails: [] }), { optOut: 'box' })).toEqual([]);
  });

  it('makes no opt-out of something else', () => {
    expect(signalsOf(submission({ places, kind: 'ignored' }), { optOut: 'other' })).toMatchObject([
      { kind: 'ignored' },
    ]);
  });
});

describe('the list', () => {
  it('may be several: a signal for each, told apart by its key', () => {
    const places = [{ lists: ['news', 'offers', 'news', '', 7] }];

    expect(signalsOf(submission({ places }), { list: 'lists' })).toMatchObject([
      { scope: { list: 'news' }, eventKey: 'e1 news' },
      { scope: { list: 'offers' }, eventKey: 'e1 offers' },
      { scope: { list: '7' }, eventKey: 'e1 7' },
    ]);
  });

  it('does not change the key when it is one', () => {
    expect(signalsOf(submission({ places: [{ lists: ['news'] }] }), { list: 'lists' })).toMatchObject([
      { scope: { list: 'news' }, eventKey: 'e1' },
    ]);
  });

  it('may not be so many, with as many addresses, that no queue takes them', () => {
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
    'makes it unreadable when it is %j',
    (when) => {
      expect(() => signalsOf(submission({ places: [{ when }] }), { time: 'when' })).toThrow(
        new Unreadable('when is not a time'),
      );
    },
  );

  it('is called what it is where no field map names it', () => {
    expect(() => signalsOf(submission({ time: 'yesterday' }), {})).toThrow(
      new Unreadable('the time of the submission is not a time'),
    );
  });
});

describe('the key, where there is no id', () => {
  const time = AT.toISOString();
  const [known] = keysOf({ time });

  it('is the same for the same address, list, form and time, whatever else was sent', () => {
    expect(keysOf({ time: AT.getTime(), request: request('something else') })).toEqual([known]);
  });

  it.each<[string, Partial<Submission>, FieldMap]>([
    ['address', { emails: [GRACE] }, {}],
    ['list', { places: [{ list: 'news' }] }, { list: 'list' }],
    ['form', { form: '7' }, {}],
    ['time', { time: plus(1).toISOString() }, {}],
  ])('is another for another %s', (_what, change, fields) => {
    expect(keysOf({ time, ...change }, fields)).not.toEqual([known]);
  });

  it('is made of all that was sent and the day where that has no time in it', () => {
    const [untimed] = keysOf({});
    const at = (receivedAt: Date) => keysOf({ request: request('{}', { receivedAt }) });

    expect(at(plus(60))).toEqual([untimed]);
    expect(at(plus(86_400))).not.toEqual([untimed]);
    expect(keysOf({ request: request('{ }') })).not.toEqual([untimed]);
    expect(known).not.toBe(untimed);
  });

  it('is the same on another day where a time was sent', () => {
    expect(keysOf({ time, request: request('{}', { receivedAt: plus(86_400) }) })).toEqual([known]);
  });

  it('is made in no time for a batch that is all in one body', () => {
    const batch = request('x'.repeat(1_000_000));
    const started = performance.now();
    for (let at = 0; at < 10_000; at += 1) keysOf({ request: batch, emails: [`${at}@example.com`] });

    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('cannot be pushed from one field into the next', () => {
    const [left] = keysOf({ time, form: 'a', places: [{ list: `b","${ADA}` }] }, { list: 'list' });
    const [right] = keysOf({ time, form: `a","${ADA}`, places: [{ list: 'b' }] }, { list: 'list' });

    expect(left).not.toBe(right);
  });
});

it('finds the addresses under names that say e-mail', () => {
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

it('takes the objects out of a list, and none out of anything else', () => {
  expect(entriesOf([{ a: 1 }, null, 'b', [], { c: 2 }])).toEqual([{ a: 1 }, { c: 2 }]);
  expect(entriesOf({ a: 1 })).toEqual([]);
});

it('takes the texts and numbers out of what may be a list', () => {
  expect(textsOf([' a ', 7, '', ' ', null, {}, ['b'], true])).toEqual(['a', '7']);
  expect(textsOf('a')).toEqual(['a']);
  expect(textsOf(undefined)).toEqual([]);
});
