import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { expect, it } from 'vitest';
import { GIVEN, ROOT } from '../packaged.ts';
import { SAMPLES, type Series, series } from './emitted.ts';
import { specification } from './specification.ts';
import { dev, functions, lambda, logicalId, ofType, production, propertiesOf, target } from './template.ts';
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
  Observed: 'the mode observe was chosen',
  Superseded: 'the recipient opted in again',
  Deferred: 'retried, and the age of the backlog has an alarm',
  CircuitOpened: 'retried, and the age of the backlog has an alarm',
  Requeued: 'retried, and the age of the backlog has an alarm',
  OptedInAgain: 'the recipient opted in again',
  RateLimited: 'retried, and the age of the backlog has an alarm',
  RequestFailed: 'the 5xx of the API and the errors of the functions have alarms',
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

const notified = { 'Fn::If': ['HasAlarmTopic', [GIVEN.alarmTopic], { Ref: 'AWS::NoValue' }] };
const recovered = { 'Fn::If': ['HasRecoveryTopic', [GIVEN.recoveryTopic], { Ref: 'AWS::NoValue' }] };
const alarms = ['Alarm', 'CompositeAlarm'].flatMap((type) => ofType(`AWS::CloudWatch::${type}`, production));

it('describes every alarm', () => {
  for (const [id, { Properties }] of alarms) expect(Properties.AlarmDescription, id).toMatch(/^[A-Z].*[.?]$/);
});

it('has a line in docs/operations.md for every alarm that notifies, and for none that does not exist', () => {
  const lines = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8').split('\n');
  const named = lines.flatMap((line) => [...(/^\| (`….+?) \|/.exec(line)?.[1] ?? '').matchAll(/`…(\w+)`/g)]);
  const endings = named.map(([, name]) => `${name}Alarm`);
  const ids = alarms.flatMap(([id, { Properties }]) =>
    isDeepStrictEqual(Properties.AlarmActions, notified) ? [id] : [],
  );

  for (const id of ids)
    expect(
      endings.filter((ending) => id.endsWith(ending)),
      id,
    ).not.toEqual([]);
  for (const ending of endings) expect(Object.keys(production.Resources).some((id) => id.endsWith(ending))).toBe(true);
});

it('notifies the topic of every alarm, but for those of a deployment and the one that another alarm watches', () => {
  const silent = alarms.filter(([, { Properties }]) => !isDeepStrictEqual(Properties.AlarmActions, notified));
  const rollouts = ofType('AWS::CodeDeploy::DeploymentGroup', production).flatMap(([, { Properties }]) =>
    (Properties.AlarmConfiguration as { Alarms: readonly { Name: unknown }[] }).Alarms.map(({ Name }) => target(Name)),
  );

  expect(silent.map(([id]) => id).sort()).toEqual(['NoSweepReportAlarm', ...rollouts].sort());
});

it('notifies nobody that a new alarm is OK: recoveries have a topic of their own, without a default', () => {
  const loud = alarms.filter(
    ([
      ,
      {
        Properties: { OKActions = [] },
      },
    ]) => !isDeepStrictEqual(OKActions, []),
  );

  expect(loud.length).toBeGreaterThan(40);
  for (const [id, { Properties }] of loud) expect(Properties.OKActions, id).toEqual(recovered);
  expect(dev.Conditions.HasRecoveryTopic).toEqual({ 'Fn::Not': [{ 'Fn::Equals': ['', ''] }] });
});

it('waits for two runs of the sweep before it says that the sweep is silent, and not at all if the sweep fails', () => {
  expect(propertiesOf('SweepSilentAlarm', production)).toMatchObject({
    // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation syntax
    AlarmRule: { 'Fn::Sub': 'ALARM("${NoSweepReportAlarm}")' },
    ActionsSuppressor: { 'Fn::GetAtt': ['SweepFailingAlarm', 'Arn'] },
    ActionsSuppressorWaitPeriod: 600,
  });
  expect(propertiesOf('NoSweepReportAlarm')).toMatchObject({ TreatMissingData: 'breaching', Statistic: 'SampleCount' });
});

it('sees a flood even if API Gateway does not report the requests that it throttles', () => {
  const { DefaultRouteSettings } = propertiesOf('HttpApiStage') as {
    readonly DefaultRouteSettings: { readonly ThrottlingRateLimit: number };
  };

  expect(propertiesOf('ApiBusyAlarm')).toMatchObject({
    MetricName: 'Count',
    Period: 60,
    Threshold: 0.8 * 60 * DefaultRouteSettings.ThrottlingRateLimit,
  });
});

it('has an alarm for each way in which an event is lost without a trace', () => {
  const lost = alarmed(production).filter(({ name }) => LOSSES.includes(name));
  const ways = lost.map(
    ({ name, dimensions }) => `${name} ${Object.values(dimensions).map((each) => JSON.stringify(each))}`,
  );

  expect(ways.sort()).toEqual([
    'DeadLetterErrors "EventsLambdaFunction"',
    'DeadLetterErrors "MailboxLambdaFunction"',
    'InvocationsFailedToBeSentToDlq "OptOutRequestsRule"',
    'InvocationsFailedToBeSentToDlq "SesEventsRule"',
    'InvocationsFailedToBeSentToDlq {"Fn::Select":[1,{"Fn::Split":["|",{"Ref":"SalesforceEventsRule"}]}]}',
    `NumberOfNotificationsFailedToRedriveToDlq {"Fn::Select":[5,{"Fn::Split":[":","${GIVEN.sesTopicArn}:::::"]}]}`,
  ]);
  const withDeadLetters = functions.filter((name) => lambda(name).DeadLetterConfig !== undefined);
  expect(withDeadLetters).toEqual(['events', 'mailbox']);
});

const LOSSES = ['DeadLetterErrors', 'InvocationsFailedToBeSentToDlq', 'NumberOfNotificationsFailedToRedriveToDlq'];

/**
 * Documented, but not in AWS's specification.
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html
 */
const DOCUMENTED = ['AWS/SNS NumberOfNotificationsFailedToRedriveToDlq TopicName'];

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
  const given = Object.keys(dimensions).sort().join();
  return names.includes(given) || DOCUMENTED.includes(`${namespace} ${name} ${given}`);
}
