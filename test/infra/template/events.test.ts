import { expect, it } from 'vitest';
import { OPT_OUT_REQUESTED } from '../../../functions/core/readers/opt-out-request.ts';
import { GIVEN } from '../packaged.ts';
import type { Template } from './reading.ts';
import { dev, lambda, ofType, production, propertiesOf, target, variablesOf } from './reading.ts';

const rules = (from: Template) =>
  ofType('AWS::Events::Rule', from).filter(([, { Properties }]) => Properties.EventPattern !== undefined);
/** In production it is called by its alias. */
const ofEvents = { Ref: 'EventsLambdaFunctionAlias' };
const deadLetters = { 'Fn::GetAtt': ['EventsDeadLetters', 'Arn'] };

it('are of SES and of our own by the default bus, and of this account alone; of Salesforce by its own bus', () => {
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

it('go to the events function, as often and as long as can be, and then to its dead letters', () => {
  for (const [, { Properties }] of rules(production)) {
    expect(Properties.Targets).toEqual([
      {
        Id: 'events',
        Arn: ofEvents,
        RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
        DeadLetterConfig: { Arn: deadLetters },
      },
    ]);
  }
  expect(propertiesOf('SesTopicSubscription', production)).toEqual({
    TopicArn: GIVEN.sesTopicArn,
    Protocol: 'lambda',
    Endpoint: ofEvents,
    RedrivePolicy: { deadLetterTargetArn: deadLetters },
  });
  expect(lambda('events')).toMatchObject({ DeadLetterConfig: { TargetArn: deadLetters } });
});

it('are let in from these rules and this topic, and from nowhere else', () => {
  const permissions = ofType('AWS::Lambda::Permission', production).map(([, { Properties }]) => Properties);
  const own = permissions.filter(({ FunctionName }) => target(FunctionName) === 'EventsLambdaFunctionAlias');

  expect(own.map(({ Principal, SourceArn }) => `${Principal} ${target(SourceArn)}`)).toEqual([
    ...rules(production).map(([id]) => `events.amazonaws.com ${id}`),
    `sns.amazonaws.com ${GIVEN.sesTopicArn}`,
  ]);
});

it('may be put among the dead letters by these rules and this topic, and by nobody else', () => {
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

it('are taken again from there once somebody switches that on, each by itself', () => {
  expect(propertiesOf('EventsRedrive')).toMatchObject({
    EventSourceArn: deadLetters,
    FunctionName: { Ref: 'EventsLambdaFunction' },
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    Enabled: false,
  });
  const { VisibilityTimeout } = propertiesOf('EventsDeadLetters');
  expect(Number(VisibilityTimeout)).toBeGreaterThanOrEqual(6 * Number(lambda('events').Timeout));
});

it('of a topic, of Salesforce and of results are there only where they are asked for', () => {
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
    SesTopicPermission: 'HasSesTopic',
    SesTopicSubscription: 'HasSesTopic',
    ResultBusPolicy: 'HasResultBus',
  });
});

it('that tell results are put by the deliver function, on this one bus', () => {
  expect(propertiesOf('ResultBusPolicy', production)).toMatchObject({
    RoleName: { Ref: 'DeliverRole' },
    PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'events:PutEvents', Resource: GIVEN.resultBus }] },
  });
  expect(variablesOf('deliver', production).RESULT_BUS).toBe(GIVEN.resultBus);
  expect(variablesOf('events', production).SES_TOPIC_ARN).toBe(GIVEN.sesTopicArn);
});
