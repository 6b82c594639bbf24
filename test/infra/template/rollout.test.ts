import { expect, it } from 'vitest';
import { functions, logicalId, ofType, production } from './reading.ts';

const names = functions.map((name) => `${logicalId(name)}LambdaFunction`);

it('puts every function in place at once where no rollout is asked for', () => {
  for (const type of ['Lambda::Alias', 'Lambda::Version', 'CodeDeploy::DeploymentGroup', 'CodeDeploy::Application']) {
    expect(ofType(`AWS::${type}`)).toEqual([]);
  }
});

it.each(names)('calls %s by an alias of its newest version in production, and never past it', (name) => {
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

it('calls in development what production calls, but for the alias', () => {
  const callers = ['Lambda::Permission', 'Lambda::EventSourceMapping', 'ApiGatewayV2::Integration', 'Events::Rule'];
  for (const [id, resource] of callers.flatMap((type) => ofType(`AWS::${type}`))) {
    const called = names.filter((name) => JSON.stringify(resource).includes(`["${name}","Arn"]`));
    expect(called).toHaveLength(1);
    expect(JSON.stringify(production.Resources[id])).toContain(JSON.stringify({ Ref: `${called[0]}Alias` }));
  }
});

it.each(names)('takes a new version of %s back when any function, or the API, fails', (name) => {
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
