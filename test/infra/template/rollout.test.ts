import { expect, it } from 'vitest';
import { functions, logicalId, ofType, production } from './template.ts';

const names = functions.map((name) => `${logicalId(name)}LambdaFunction`);

it('has no aliases without a rollout', () => {
  for (const type of ['Lambda::Alias', 'Lambda::Version', 'CodeDeploy::DeploymentGroup', 'CodeDeploy::Application']) {
    expect(ofType(`AWS::${type}`)).toEqual([]);
  }
});

it.each(names)('invokes %s only through the alias of its newest version in production', (name) => {
  const [version] = ofType('AWS::Lambda::Version', production).filter(
    ([, { Properties }]) => JSON.stringify(Properties.FunctionName) === JSON.stringify({ Ref: name }),
  );

  expect(production.Resources[`${name}Alias`]).toMatchObject({
    Properties: { FunctionName: { Ref: name }, FunctionVersion: { 'Fn::GetAtt': [version?.[0], 'Version'] } },
    UpdatePolicy: { CodeDeployLambdaAliasUpdate: { DeploymentGroupName: { Ref: `${name}Rollout` } } },
  });
  const direct = Object.entries(production.Resources).filter(([, resource]) =>
    JSON.stringify(resource).includes(JSON.stringify({ 'Fn::GetAtt': [name, 'Arn'] })),
  );
  expect(direct.map(([id]) => id)).toEqual(['RolloutRole']);
});

it('grants invocation of an alias, not of its versions', () => {
  const callers = ['Lambda::Permission', 'Lambda::EventSourceMapping'].flatMap((type) =>
    ofType(`AWS::${type}`, production),
  );

  const aliases = names.map((name) => ({ Ref: `${name}Alias` }));
  for (const [id, { Properties }] of callers) expect(aliases, id).toContainEqual(Properties.FunctionName);
});

it.each(names)('rolls back a new version of %s when any function or the API fails', (name) => {
  const alarms = names.map((each) => ({ Name: { Ref: each.replace('LambdaFunction', 'FailingAlarm') } }));

  expect(production.Resources[`${name}Rollout`]?.Properties).toMatchObject({
    DeploymentConfigName: 'CodeDeployDefault.LambdaCanary10Percent5Minutes',
    AutoRollbackConfiguration: { Enabled: true, Events: expect.arrayContaining(['DEPLOYMENT_STOP_ON_ALARM']) },
    AlarmConfiguration: {
      Enabled: true,
      Alarms: expect.arrayContaining([...alarms, { Name: { Ref: 'RequestsFailingAlarm' } }]),
    },
  });
});
