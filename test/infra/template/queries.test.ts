import { expect, it } from 'vitest';
import { ofType, target } from './reading.ts';
import { everythingSaid, SAMPLES } from './said.ts';

const { fields } = everythingSaid();
const queries = ofType('AWS::Logs::QueryDefinition').map(([id, { Properties }]) => ({
  id,
  name: String(Properties.Name),
  text: String(Properties.QueryString),
  logs: (Properties.LogGroupNames as readonly unknown[]).map(target),
}));

const STRINGS = /"[^"]*"|\/[^/]+\//g;
/** Words of the language, and of ours what a query names itself. */
const WORDS =
  /\b(fields|filter|sort|stats|by|as \w+|asc|desc|and|or|in|like|count|pct|max|latest|coalesce|(?<!\.)\d+)\b|[^\w@.\s]/g;

it('asks the five questions of an operator', () => {
  expect(queries.map(({ name }) => name)).toEqual([
    'optout-relay/dev/history of one opt-out',
    'optout-relay/dev/rejected and held opt-outs',
    'optout-relay/dev/unauthenticated and unreadable requests by source',
    'optout-relay/dev/time to confirm by source',
    'optout-relay/dev/unexpected failures',
  ]);
});

it.each(queries)('asks in $id for fields that the logs have', ({ text }) => {
  const own = [...text.matchAll(/as (\w+)/g)].map(([, name]) => name ?? '');
  const words = text.replaceAll(STRINGS, ' ').replaceAll(WORDS, ' ').split(/\s+/).filter(Boolean);

  expect(words.length).toBeGreaterThan(0);
  const known = [...fields, ...own, '@timestamp', '@message'];
  for (const word of words) expect(known).toContain(word.replace(/\.\d+$/, ''));
});

it.each(queries)('asks in $id for events that the code reports, in logs that are there', ({ text, logs }) => {
  const named = [...text.matchAll(/"(\w+\.\w+)"/g)].map(([, event]) => event);

  for (const event of named) expect(Object.keys(SAMPLES)).toContain(event);
  const groups = ofType('AWS::Logs::LogGroup').map(([id]) => id);
  for (const log of logs) expect(groups).toContain(log);
});
