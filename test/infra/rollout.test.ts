import { expect, it } from 'vitest';
import Rollout from '../../infra/rollout.ts';

const onFailure = { Destination: { 'Fn::GetAtt': ['Queue', 'Arn'] } };
const Resources = {
  EventsLambdaVersion1: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'EventsLambdaFunction' } } },
  EventsLambdaEvConf: {
    Type: 'AWS::Lambda::EventInvokeConfig',
    Properties: {
      FunctionName: { Ref: 'EventsLambdaFunction' },
      Qualifier: '$LATEST',
      DestinationConfig: { OnFailure: onFailure },
    },
  },
  EventsRedrive: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: { FunctionName: { Ref: 'EventsLambdaFunction' }, EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] } },
  },
  Rule: {
    Type: 'AWS::Events::Rule',
    Properties: { Targets: [{ Id: 'events', Arn: { 'Fn::GetAtt': ['EventsLambdaFunction', 'Arn'] } }] },
  },
};

/** Returns the resources after osls has run the plugin's hooks. */
function packaged(rollout: string, resources: object = Resources) {
  const template = structuredClone({ Resources: resources }) as { Resources: typeof Resources };
  const environment = { POWERTOOLS_METRICS_NAMESPACE: 'OptOutRelay' };
  const provider = { environment, compiledCloudFormationTemplate: template };
  const { hooks } = new Rollout({ service: { custom: { rollout }, provider } });
  for (const hook of Object.values(hooks)) hook();
  return template.Resources;
}

it.each(['none', 'AllAtOnce'])(
  'makes rules and event sources invoke the alias, by name or ARN, with the rollout %s',
  (rollout) => {
    const { Rule, EventsRedrive } = packaged(rollout);

    expect(Rule.Properties.Targets).toEqual([{ Id: 'events', Arn: { Ref: 'EventsLambdaFunctionAlias' } }]);
    expect(EventsRedrive.Properties.FunctionName).toEqual({ Ref: 'EventsLambdaFunctionAlias' });
  },
);

it('changes nothing but the alias and its deployment between no rollout and a gradual one', () => {
  const [none, gradual] = [packaged('none'), packaged('AllAtOnce')];

  const added = Object.keys(gradual).filter((id) => !(id in none));
  expect(added.sort()).toEqual([
    'EventsLambdaFunctionRollout',
    'EventsLambdaVersion1Errors',
    'EventsLambdaVersion1RequestFailed',
    'Rollout',
    'RolloutRole',
  ]);
  const { EventsLambdaFunctionAlias: alias, ...others } = gradual as Readonly<Record<string, object>>;
  expect(none).toEqual({
    ...Object.fromEntries(Object.entries(others).filter(([id]) => !added.includes(id))),
    EventsLambdaFunctionAlias: { Type: 'AWS::Lambda::Alias', Properties: (alias as { Properties: object }).Properties },
  });
});

it('gives every version alarms of its own, so that a broken version never stops the deployment of its fix', () => {
  const { EventsLambdaVersion1: version, ...rest } = Resources;
  const [broken, fixed] = [packaged('AllAtOnce'), packaged('AllAtOnce', { ...rest, EventsLambdaVersion2: version })];

  const alarmsIn = (resources: object) =>
    Object.entries(resources).flatMap(([id, { Type }]) => (Type === 'AWS::CloudWatch::Alarm' ? [id] : []));
  expect(alarmsIn(broken)).toEqual(['EventsLambdaVersion1Errors', 'EventsLambdaVersion1RequestFailed']);
  expect(alarmsIn(fixed)).toEqual(['EventsLambdaVersion2Errors', 'EventsLambdaVersion2RequestFailed']);
});

it('keeps the failure destination for the alias', () => {
  expect(packaged('AllAtOnce').EventsLambdaEvConf).toEqual({
    Type: 'AWS::Lambda::EventInvokeConfig',
    DependsOn: 'EventsLambdaFunctionAlias',
    Properties: {
      FunctionName: { Ref: 'EventsLambdaFunction' },
      Qualifier: 'live',
      DestinationConfig: { OnFailure: onFailure },
    },
  });
});
