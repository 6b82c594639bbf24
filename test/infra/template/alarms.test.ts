import { isDeepStrictEqual } from 'node:util';
import { expect, it } from 'vitest';
import { SAMPLES, type Series, series } from './emitted.ts';
import { specification } from './specification.ts';
import { functions, logicalId, ofType, production } from './template.ts';
import type { Watched } from './watched.ts';
import { alarmed, shown, widgets } from './watched.ts';

/** Metrics without an alarm, and why. Each other metric is a fault and must have one. */
const WITHOUT_ALARM: Readonly<Record<string, string>> = {
  Accepted: 'normal operation',
  SignalsIgnored: 'senders also report other events',
  LinkOpened: 'a recipient or a scanner',
  FormRateLimited: 'the response has Retry-After',
  Confirmed: 'normal operation',
  AlreadyOptedOut: 'the recipient opted out twice',
  TimeToConfirm: 'the age of the backlog has an alarm',
  Duplicate: 'queues deliver at least once',
  Superseded: 'the recipient opted in again',
  Deferred: 'retried, and the age of the backlog has an alarm',
  CircuitOpened: 'retried, and the age of the backlog has an alarm',
  Requeued: 'retried, and the age of the backlog has an alarm',
  OptedInAgain: 'the recipient opted in again',
  RateLimited: 'retried, and the age of the backlog has an alarm',
};

it('has one alarm for each fault metric of each function', () => {
  const faults = series.filter(({ name, dimensions }) => !(name in WITHOUT_ALARM) && dimensions.length === 1);

  expect(faults.length).toBeGreaterThan(0);
  const watched = alarmed().map(({ name, dimensions }) => `${dimensions.service ?? 'every'} ${name}`);
  for (const { service, name } of faults) {
    const alarms = [`${service} ${name}`, `every ${name}`].filter((each) => watched.includes(each));
    expect(alarms, `${service} ${name}`).toHaveLength(1);
  }
});

it.each(['Unauthenticated', 'SignalsUnreadable'])('has an alarm with a state per source for %s', (name) => {
  const [watched, ...more] = alarmed().filter((each) => each.name === name);

  expect(watched?.dimensions).toEqual({ service: undefined, source: undefined });
  expect(more).toEqual([]);
});

it('has alarms for errors and throttles of every function, every dead-letter queue, the API and the ledger', () => {
  const watched = alarmed().map(({ name, dimensions }) => `${Object.values(dimensions).join()} ${name}`);

  for (const id of functions.map((name) => `${logicalId(name)}LambdaFunction`)) {
    expect(watched).toEqual(expect.arrayContaining([`${id} Errors`, `${id} Throttles`]));
  }
  for (const [id] of ofType('AWS::SQS::Queue').filter(([, { Properties }]) => !Properties.RedrivePolicy)) {
    expect(watched).toContain(`${id} ApproximateNumberOfMessagesVisible`);
  }
  expect(watched).toEqual(
    expect.arrayContaining(['HttpApi 5xx', ' ApiThrottled', 'Ledger ReadThrottleEvents', 'Ledger WriteThrottleEvents']),
  );
});

it.each(alarmed())('watches an existing metric with $by: $name', (watched) => {
  expect(exists(watched)).toBe(true);
});

it.each(shown())('shows an existing metric under "$by": $name', (watched) => {
  expect(exists(watched)).toBe(true);
});

it("shows every delivery outcome, in the stack's region", () => {
  const outcomes = SAMPLES['optout.attempted'].map(({ delivery: { outcome } }) => logicalId(outcome.kind));

  expect(shown().map(({ name }) => name)).toEqual(expect.arrayContaining(outcomes));
  for (const { properties } of widgets) expect(properties.region).toBe('AWS::Region');
});

it('notifies the topic of every alarm and its recovery, and describes every alarm', () => {
  const topic = 'arn:aws:sns:us-east-1:000000000000:on-call';
  const actions = { 'Fn::If': ['HasAlarmTopic', [topic], { Ref: 'AWS::NoValue' }] };

  for (const [id, { Properties }] of ofType('AWS::CloudWatch::Alarm', production)) {
    expect(Properties, id).toMatchObject({ AlarmActions: actions, OKActions: actions });
    expect(Properties.AlarmDescription, id).toMatch(/^[A-Z].*[.?]$/);
  }
});

/** Whether a function or a metric filter emits the metric with these dimensions, or AWS's specification lists it. */
function exists(watched: Watched): boolean {
  if (watched.namespace.startsWith('AWS/')) return isSpecified(watched);
  return series.some((each) => isSame(each, watched)) || isFromLogFilter(watched);
}

function isFromLogFilter({ namespace, name, dimensions }: Watched): boolean {
  const filters = ofType('AWS::Logs::MetricFilter').flatMap(([, { Properties }]) => Properties.MetricTransformations);
  const isDefined = filters.some((each) =>
    isDeepStrictEqual(each, { MetricNamespace: namespace, MetricName: name, MetricValue: '1' }),
  );
  return isDefined && Object.keys(dimensions).length === 0;
}

function isSame(each: Series, { namespace, name, dimensions }: Watched): boolean {
  const names = Object.keys(dimensions).sort().join();
  const isOfService = dimensions.service === undefined || dimensions.service === each.service;
  return (
    each.namespace === namespace && each.name === name && [...each.dimensions].sort().join() === names && isOfService
  );
}

function isSpecified({ namespace, name, dimensions }: Watched): boolean {
  const metrics = specification.lookup('metric', 'namespace', 'equals', namespace).filter((each) => each.name === name);
  const sets = metrics.flatMap((metric) => [...specification.follow('usesDimensionSet', metric)]);
  const names = sets.map(({ entity }) =>
    entity.dimensions
      .map((dimension) => dimension.name)
      .sort()
      .join(),
  );
  return names.includes(Object.keys(dimensions).sort().join());
}
