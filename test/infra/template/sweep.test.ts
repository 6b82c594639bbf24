import { expect, it } from 'vitest';
import { RUNS_PER_DAY } from '../../../functions/core/reconcile/drift.ts';
import { relayConfig } from '../../../relay.config.ts';
import { lambda, ofType, propertiesOf } from './template.ts';

it("runs at the interval that its share of HubSpot's limit assumes, without overlaps or retries", () => {
  const minutes = 1440 / RUNS_PER_DAY;
  const rule = ofType('AWS::Events::Rule').find(([, { Properties }]) => Properties.ScheduleExpression !== undefined);
  const once = ofType('AWS::Lambda::EventInvokeConfig').find((each) => JSON.stringify(each).includes('SweepLambda'));

  expect(rule?.[1].Properties).toMatchObject({ ScheduleExpression: `rate(${minutes} minutes)`, State: 'ENABLED' });
  expect(JSON.stringify(rule)).toContain('SweepLambdaFunction');
  expect(Number(lambda('sweep').Timeout)).toBeLessThan(minutes * 60);
  expect(once?.[1].Properties).toMatchObject({ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 });
});

it('has alarms at the configured deadlines, and one for a sweep that does not report', () => {
  const { warnAfterHours, pageAfterHours } = relayConfig.deadline;
  const oldestAge = { MetricName: 'OldestOpenAge', Dimensions: [{ Name: 'service', Value: 'sweep' }] };

  expect(propertiesOf('OldestOpenWarningAlarm')).toMatchObject({ ...oldestAge, Threshold: warnAfterHours * 3600 });
  expect(propertiesOf('OldestOpenPageAlarm')).toMatchObject({ ...oldestAge, Threshold: pageAfterHours * 3600 });
  expect(propertiesOf('NoSweepReportAlarm')).toMatchObject({ ...oldestAge, TreatMissingData: 'breaching' });
});
