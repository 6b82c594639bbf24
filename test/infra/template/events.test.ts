import { expect, it } from 'vitest';
import { OPT_OUT_REQUESTED } from '../../../functions/core/readers/opt-out-request.ts';
import { GIVEN } from '../packaged.ts';
import type { Template } from './template.ts';
import { dev, lambda, ofType, production, propertiesOf, staging, target, variablesOf } from './template.ts';

const rules = (from: Template) =>
  ofType('AWS::Events::Rule', from).filter(([, { Properties }]) => Properties.EventPattern !== undefined);
const eventsFunction = { Ref: 'EventsLambdaFunctionAlias' };
const deadLetters = { 'Fn::GetAtt': ['EventsDeadLetters', 'Arn'] };

it('match SES and Opt-Out Requested events of this account on the default bus, and Salesforce events on the partner bus', () => {
  const account = [{ Ref: 'AWS::AccountId' }];
  const optedOut = ['HasOptedOutOfEmail', 'PersonHasOptedOutOfEmail', 'HasOptedOutOfEmail__c'];

  expect(rules(production).map(([, { Properties }]) => [Properties.EventBusName, Properties.EventPattern])).toEqual([
    [
      undefined,
      {
        account,
        source: ['aws.ses'],
        'detail-type': ['Email Bounced', 'Email Complaint Received', 'Email Subscribed'],
      },
    ],
    [undefined, { account, 'detail-type': [OPT_OUT_REQUESTED] }],
    [
      GIVEN.salesforceBus,
      {
        source: [{ prefix: 'aws.partner/salesforce.com/' }],
        detail: { payload: { $or: optedOut.map((field) => ({ [field]: [true] })) } },
      },
    ],
  ]);
});

it('reach only production of several stages in one account, unless a parameter says otherwise', () => {
  const onDefaultBus = (from: Template) =>
    rules(from).filter(([, { Properties }]) => Properties.EventBusName === undefined);

  for (const [from, state] of [
    [production, 'ENABLED'],
    [staging, 'DISABLED'],
    [dev, 'DISABLED'],
  ] as const) {
    expect(onDefaultBus(from).map(([id, { Properties }]) => [id, Properties.State])).toEqual([
      ['SesEventsRule', state],
      ['OptOutRequestsRule', state],
    ]);
  }
});

it('target the events function with maximum retries, then its dead-letter queue', () => {
  for (const [, { Properties }] of rules(production)) {
    expect(Properties.Targets).toEqual([
      {
        Id: 'events',
        Arn: eventsFunction,
        RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
        DeadLetterConfig: { Arn: deadLetters },
      },
    ]);
  }
  expect(propertiesOf('SesTopicSubscription', production)).toEqual({
    TopicArn: GIVEN.sesTopicArn,
    Protocol: 'lambda',
    Endpoint: eventsFunction,
    RedrivePolicy: { deadLetterTargetArn: deadLetters },
  });
  expect(lambda('events')).toMatchObject({ DeadLetterConfig: { TargetArn: deadLetters } });
});

it('may invoke the events function only from these rules and this topic', () => {
  const permissions = ofType('AWS::Lambda::Permission', production).map(([, { Properties }]) => Properties);
  const own = permissions.filter(({ FunctionName }) => target(FunctionName) === 'EventsLambdaFunctionAlias');

  expect(own.map(({ Principal, SourceArn }) => `${Principal} ${target(SourceArn)}`)).toEqual([
    ...rules(production).map(([id]) => `events.amazonaws.com ${id}`),
    `sns.amazonaws.com ${GIVEN.sesTopicArn}`,
  ]);
});

it('may be sent to the dead-letter queue only by these rules and this topic', () => {
  const arnOf = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
  const onlyIf = (condition: string, then: unknown) => ({ 'Fn::If': [condition, then, { Ref: 'AWS::NoValue' }] });
  const bySalesforce = onlyIf('HasSalesforceBus', arnOf('SalesforceEventsRule'));
  const sending = (service: string, from: unknown) => ({
    Effect: 'Allow',
    Principal: { Service: service },
    Action: 'sqs:SendMessage',
    Resource: deadLetters,
    Condition: { ArnEquals: { 'aws:SourceArn': from } },
  });

  expect(propertiesOf('EventsDeadLettersPolicy', production)).toMatchObject({
    Queues: [{ Ref: 'EventsDeadLetters' }],
    PolicyDocument: {
      Statement: [
        sending('events.amazonaws.com', [arnOf('SesEventsRule'), arnOf('OptOutRequestsRule'), bySalesforce]),
        onlyIf('HasSesTopic', sending('sns.amazonaws.com', GIVEN.sesTopicArn)),
      ],
    },
  });
});

it('are read from the dead-letter queue, each with its own result, when an operator enables it', () => {
  expect(propertiesOf('EventsRedrive')).toMatchObject({
    EventSourceArn: deadLetters,
    FunctionName: eventsFunction,
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    Enabled: false,
  });
  const { VisibilityTimeout } = propertiesOf('EventsDeadLetters');
  expect(Number(VisibilityTimeout)).toBeGreaterThanOrEqual(6 * Number(lambda('events').Timeout));
});

it('have resources for the SNS topic, Salesforce and results only if the parameter is set', () => {
  const conditions = {
    HasSesTopic: 'sesTopicArn',
    HasSalesforceBus: 'salesforceBus',
    HasResultBus: 'resultBus',
  } as const;
  for (const [condition, parameter] of Object.entries(conditions)) {
    expect(dev.Conditions[condition]).toEqual({ 'Fn::Not': [{ 'Fn::Equals': ['', ''] }] });
    expect(production.Conditions[condition]).toEqual({ 'Fn::Not': [{ 'Fn::Equals': [GIVEN[parameter], ''] }] });
  }
  const conditional = Object.entries(production.Resources).flatMap(([id, { Condition }]) =>
    Object.keys(conditions).includes(Condition ?? '') ? [[id, Condition]] : [],
  );
  expect(Object.fromEntries(conditional)).toEqual({
    SalesforceEventsRule: 'HasSalesforceBus',
    SalesforceEventsPermission: 'HasSalesforceBus',
    SalesforceEventsLostAlarm: 'HasSalesforceBus',
    SesTopicPermission: 'HasSesTopic',
    SesTopicSubscription: 'HasSesTopic',
    SesTopicLostAlarm: 'HasSesTopic',
    ResultBusPolicy: 'HasResultBus',
    BulkResultBusPolicy: 'HasResultBus',
  });
});

it('with results may be put only by the deliver function, on the result bus', () => {
  expect(propertiesOf('ResultBusPolicy', production)).toMatchObject({
    RoleName: { Ref: 'DeliverRole' },
    PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'events:PutEvents', Resource: GIVEN.resultBus }] },
  });
  expect(variablesOf('deliver', production).RESULT_BUS).toBe(GIVEN.resultBus);
  expect(variablesOf('events', production).SES_TOPIC_ARN).toBe(GIVEN.sesTopicArn);
});
