import { isDeepStrictEqual } from 'node:util';
import { expect, it } from 'vitest';
import { functions, logicalId, ofType, production } from './reading.ts';
import { everythingSaid, SAMPLES, type Series } from './said.ts';
import { specification } from './specification.ts';
import type { Watched } from './watched.ts';
import { alarmed, shown, widgets } from './watched.ts';

const { series } = everythingSaid();

/** Metrics that tell how things go. Every other one names a fault, and somebody has to hear of it. */
const NEWS: Readonly<Record<string, string>> = {
  Accepted: 'the job',
  SignalsIgnored: 'senders report more than opt-outs',
  LinkOpened: 'a reader, or a scanner',
  FormRateLimited: 'whoever sent the form was told when to come again',
  Confirmed: 'the job',
  AlreadyOptedOut: 'somebody was told twice',
  TimeToConfirm: 'the age of what waits has an alarm',
  Duplicate: 'queues deliver more than once',
  Superseded: 'the person opted in again',
  Deferred: 'it is tried again, and the age of what waits has an alarm',
  CircuitOpened: 'it is tried again, and the age of what waits has an alarm',
  Requeued: 'it is on the queue again, and the age of what waits has an alarm',
  OptedInAgain: 'somebody opted in again',
  RateLimited: 'it is tried again, and the age of what waits has an alarm',
};

it('rings for every metric that names a fault, of every function that counts it', () => {
  const faults = series.filter(({ name, dimensions }) => !(name in NEWS) && dimensions.length === 1);

  expect(faults.length).toBeGreaterThan(0);
  const rung = alarmed().map(({ name, dimensions }) => `${dimensions.service ?? 'every'} ${name}`);
  for (const { service, name } of faults) {
    const ringing = [`${service} ${name}`, `every ${name}`].filter((each) => rung.includes(each));
    expect(ringing, `${service} ${name}`).toHaveLength(1);
  }
});

it.each(['Unauthenticated', 'SignalsUnreadable'])(
  'rings for %s of each source by itself, whichever function counts it',
  (name) => {
    const [watched, ...more] = alarmed().filter((each) => each.name === name);

    expect(watched?.dimensions).toEqual({ service: undefined, source: undefined });
    expect(more).toEqual([]);
  },
);

it('rings for every function that fails or is kept from running, for every queue of dead letters, and for the API', () => {
  const rung = alarmed().map(({ name, dimensions }) => `${Object.values(dimensions).join()} ${name}`);

  for (const id of functions.map((name) => `${logicalId(name)}LambdaFunction`)) {
    expect(rung).toEqual(expect.arrayContaining([`${id} Errors`, `${id} Throttles`]));
  }
  for (const [id] of ofType('AWS::SQS::Queue').filter(([, { Properties }]) => !Properties.RedrivePolicy)) {
    expect(rung).toContain(`${id} ApproximateNumberOfMessagesVisible`);
  }
  expect(rung).toEqual(
    expect.arrayContaining(['HttpApi 5xx', ' ApiThrottled', 'Ledger ReadThrottleEvents', 'Ledger WriteThrottleEvents']),
  );
});

it.each(alarmed())('of $by looks at $name, which exists', (watched) => {
  expect(isCounted(watched)).toBe(true);
});

it.each(shown())('shows under "$by" the metric $name, which exists', (watched) => {
  expect(isCounted(watched)).toBe(true);
});

it('shows how every attempt can end, in the region where it is', () => {
  const ends = SAMPLES['optout.attempted'].map(({ delivery: { outcome } }) => logicalId(outcome.kind));

  expect(shown().map(({ name }) => name)).toEqual(expect.arrayContaining(ends));
  for (const { properties } of widgets) expect(properties.region).toBe('AWS::Region');
});

it('tells somebody, when a topic is given, of the fault and of its end', () => {
  const topic = 'arn:aws:sns:us-east-1:000000000000:on-call';
  const told = { 'Fn::If': ['HasAlarmTopic', [topic], { Ref: 'AWS::NoValue' }] };

  for (const [id, { Properties }] of ofType('AWS::CloudWatch::Alarm', production)) {
    expect(Properties, id).toMatchObject({ AlarmActions: told, OKActions: told });
    expect(Properties.AlarmDescription, id).toMatch(/^[A-Z].*[.?]$/);
  }
});

/** Ours: some function writes it with these very dimensions, or a filter counts it. AWS's: its own list has it, with these. */
function isCounted(watched: Watched): boolean {
  if (watched.namespace.startsWith('AWS/')) return isOfAws(watched);
  return series.some((each) => isSame(each, watched)) || isFiltered(watched);
}

/** Out of a log, by a filter. */
function isFiltered({ namespace, name, dimensions }: Watched): boolean {
  const made = ofType('AWS::Logs::MetricFilter').flatMap(([, { Properties }]) => Properties.MetricTransformations);
  const isMade = made.some((each) =>
    isDeepStrictEqual(each, { MetricNamespace: namespace, MetricName: name, MetricValue: '1' }),
  );
  return isMade && Object.keys(dimensions).length === 0;
}

function isSame(each: Series, { namespace, name, dimensions }: Watched): boolean {
  const names = Object.keys(dimensions).sort().join();
  const isOfService = dimensions.service === undefined || dimensions.service === each.service;
  return (
    each.namespace === namespace && each.name === name && [...each.dimensions].sort().join() === names && isOfService
  );
}

function isOfAws({ namespace, name, dimensions }: Watched): boolean {
  const known = specification.lookup('metric', 'namespace', 'equals', namespace).filter((each) => each.name === name);
  const sets = known.flatMap((metric) => [...specification.follow('usesDimensionSet', metric)]);
  const names = sets.map(({ entity }) =>
    entity.dimensions
      .map((dimension) => dimension.name)
      .sort()
      .join(),
  );
  return names.includes(Object.keys(dimensions).sort().join());
}
