import { expect, it } from 'vitest';
import { RUNS_PER_DAY } from '../../../functions/core/reconcile/sweep-look.ts';
import { relayConfig } from '../../../relay.config.ts';
import { lambda, ofType, propertiesOf } from './reading.ts';

it('runs as often as its share of HubSpot is reckoned for, one run after the other, and is not repeated', () => {
  const minutes = 1440 / RUNS_PER_DAY;
  const rule = ofType('AWS::Events::Rule').find(([, { Properties }]) => Properties.ScheduleExpression !== undefined);
  const once = ofType('AWS::Lambda::EventInvokeConfig').find((each) => JSON.stringify(each).includes('SweepLambda'));

  expect(rule?.[1].Properties).toMatchObject({ ScheduleExpression: `rate(${minutes} minutes)`, State: 'ENABLED' });
  expect(JSON.stringify(rule)).toContain('SweepLambdaFunction');
  expect(Number(lambda('sweep').Timeout)).toBeLessThan(minutes * 60);
  expect(once?.[1].Properties).toMatchObject({ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 });
});

it('rings by the limits of the configuration, and when it says nothing', () => {
  const { warnAfterHours, pageAfterHours } = relayConfig.deadline;
  const clock = { MetricName: 'OldestOpenAge', Dimensions: [{ Name: 'service', Value: 'sweep' }] };

  expect(propertiesOf('OldestOpenWarningAlarm')).toMatchObject({ ...clock, Threshold: warnAfterHours * 3600 });
  expect(propertiesOf('OldestOpenPageAlarm')).toMatchObject({ ...clock, Threshold: pageAfterHours * 3600 });
  expect(propertiesOf('SweepSilentAlarm')).toMatchObject({ ...clock, TreatMissingData: 'breaching' });
});
