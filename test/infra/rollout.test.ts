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
function packaged(rollout: string): typeof Resources {
  const template = structuredClone({ Resources });
  const provider = { versionFunctions: false, compiledCloudFormationTemplate: template };
  const { hooks } = new Rollout({ service: { custom: { rollout }, provider } });
  for (const hook of Object.values(hooks)) hook();
  expect(provider.versionFunctions).toBe(rollout !== 'none');
  return template.Resources;
}

it('leaves the template unchanged without a rollout', () => {
  expect(packaged('none')).toEqual(Resources);
});

it('makes rules and event sources invoke the alias, whether they refer to the function by name or ARN', () => {
  const { Rule, EventsRedrive } = packaged('AllAtOnce');

  expect(Rule.Properties.Targets).toEqual([{ Id: 'events', Arn: { Ref: 'EventsLambdaFunctionAlias' } }]);
  expect(EventsRedrive.Properties.FunctionName).toEqual({ Ref: 'EventsLambdaFunctionAlias' });
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
