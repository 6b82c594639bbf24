import { expect, it } from 'vitest';
import { EVENTS } from '../../../functions/core/model/telemetry.ts';
import { fields, reporterOf, SAMPLES } from './emitted.ts';
import { functions, logicalId, ofType, target } from './template.ts';

const queries = ofType('AWS::Logs::QueryDefinition').map(([id, { Properties }]) => ({
  id,
  name: String(Properties.Name),
  text: String(Properties.QueryString),
  logs: (Properties.LogGroupNames as readonly unknown[]).map(target),
}));

const STRINGS = /"[^"]*"|\/[^/]+\//g;
/** Keywords, aliases and punctuation of the query language. */
const WORDS =
  /\b(fields|filter|sort|stats|by|as \w+|asc|desc|and|or|in|like|count|pct|max|latest|coalesce|(?<!\.)\d+)\b|[^\w@.\s]/g;

it('saves the five queries of docs/operations.md', () => {
  expect(queries.map(({ name }) => name)).toEqual([
    'optout-relay/dev/history of one opt-out',
    'optout-relay/dev/rejected and held opt-outs',
    'optout-relay/dev/unauthenticated and unreadable requests by source',
    'optout-relay/dev/time to confirm by source',
    'optout-relay/dev/unexpected failures',
  ]);
});

it.each(queries)('uses only logged fields in $id', ({ text }) => {
  const aliases = [...text.matchAll(/as (\w+)/g)].map(([, name]) => name ?? '');
  const words = text.replaceAll(STRINGS, ' ').replaceAll(WORDS, ' ').split(/\s+/).filter(Boolean);

  expect(words.length).toBeGreaterThan(0);
  const allowed = [...fields, ...aliases, '@timestamp', '@message'];
  for (const word of words) expect(allowed).toContain(word.replace(/\.\d+$/, ''));
});

it.each(queries)('reads in $id the logs of every function that reports its events', ({ text, logs }) => {
  const named = [...text.matchAll(/"(\w+\.\w+)"/g)].map(([, event]) => event ?? '');

  for (const event of named) expect(Object.keys(SAMPLES)).toContain(event);
  // A query by id, without an event, reads all logs.
  const reporting = functions.filter((name) => named.length === 0 || named.some((event) => isReportedBy(name, event)));
  expect(logs).toEqual(expect.arrayContaining(reporting.map((name) => `${logicalId(name)}LogGroup`)));
  const groups = ofType('AWS::Logs::LogGroup').map(([id]) => id);
  for (const log of logs) expect(groups).toContain(log);
});

function isReportedBy(name: string, event: string): boolean {
  const emitters: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
    Object.entries(EVENTS).map(([each, { emittedBy }]) => [each, emittedBy]),
  );
  return emitters[event]?.includes(reporterOf(name)) === true;
}
