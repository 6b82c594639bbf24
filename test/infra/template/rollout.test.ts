import { expect, it } from 'vitest';
import { reporterOf, series } from './emitted.ts';
import { dev, functions, logicalId, ofType, production, propertiesOf, type Template, target } from './template.ts';

const names = functions.map((name) => `${logicalId(name)}LambdaFunction`);

it('does not use CodeDeploy without a rollout', () => {
  for (const type of ['DeploymentGroup', 'Application']) expect(ofType(`AWS::CodeDeploy::${type}`)).toEqual([]);
  for (const [, alias] of ofType('AWS::Lambda::Alias')) expect(alias).not.toHaveProperty('UpdatePolicy');
});

it.each(names)('invokes %s only through the alias of its newest version', (name) => {
  for (const from of [dev, production]) {
    expect(from.Resources[`${name}Alias`]?.Properties).toEqual({
      FunctionName: { Ref: name },
      FunctionVersion: { 'Fn::GetAtt': [versionOf(name, from), 'Version'] },
      Name: 'live',
    });
    const direct = Object.entries(from.Resources).filter(([, resource]) =>
      JSON.stringify(resource).includes(JSON.stringify({ 'Fn::GetAtt': [name, 'Arn'] })),
    );
    expect(direct.map(([id]) => id)).toEqual(from === dev ? [] : ['RolloutRole']);
  }
  expect(production.Resources[`${name}Alias`]).toMatchObject({
    UpdatePolicy: { CodeDeployLambdaAliasUpdate: { DeploymentGroupName: { Ref: `${name}Rollout` } } },
  });
});

function versionOf(name: string, from: Template): string | undefined {
  const versions = ofType('AWS::Lambda::Version', from);
  return versions.find(([, { Properties }]) => target(Properties.FunctionName) === name)?.[0];
}

it('grants invocation of an alias, not of its versions', () => {
  const callers = ['Lambda::Permission', 'Lambda::EventSourceMapping'].flatMap((type) =>
    ofType(`AWS::${type}`, production),
  );

  const aliases = names.map((name) => ({ Ref: `${name}Alias` }));
  for (const [id, { Properties }] of callers) expect(aliases, id).toContainEqual(Properties.FunctionName);
});

it.each(names)('rolls back a new version of %s when that version fails, and for nothing else', (name) => {
  const version = String(versionOf(name, production));
  const number = { 'Fn::GetAtt': [version, 'Version'] };
  const { DeploymentConfigName, AutoRollbackConfiguration, AlarmConfiguration } = propertiesOf(
    `${name}Rollout`,
    production,
  );
  const { Enabled, Alarms } = AlarmConfiguration as { Enabled: boolean; Alarms: readonly { Name: unknown }[] };
  const alarms = Alarms.map(({ Name }) => propertiesOf(String(target(Name)), production));

  expect(DeploymentConfigName).toBe('CodeDeployDefault.LambdaCanary10Percent5Minutes');
  expect(AutoRollbackConfiguration).toMatchObject({
    Enabled: true,
    Events: expect.arrayContaining(['DEPLOYMENT_STOP_ON_ALARM']),
  });
  expect(Enabled).toBe(true);
  // CodeDeploy's maximum.
  expect(Alarms.length).toBeLessThanOrEqual(10);
  const dimensionsOf = (metric: string) =>
    alarms.filter(({ MetricName }) => MetricName === metric).map(({ Dimensions }) => Dimensions);
  expect(dimensionsOf('Errors')).toEqual([
    [
      { Name: 'FunctionName', Value: { Ref: name } },
      { Name: 'Resource', Value: { 'Fn::Sub': `\${${name}}:live` } },
      { Name: 'ExecutedVersion', Value: number },
    ],
  ]);
  for (const metric of faultsOf(name)) {
    expect(dimensionsOf(metric)).toEqual([
      [
        { Name: 'service', Value: serviceOf(name) },
        { Name: 'version', Value: { 'Fn::Sub': [`\${${name}}:\${number}`, { number }] } },
      ],
    ]);
  }
  expect(alarms).toHaveLength(1 + faultsOf(name).length);
});

it("watches faults that the functions with a rollout catch and so keep out of Lambda's errors", () => {
  expect(names.map((name) => [name, ...faultsOf(name)].join(' ')).sort()).toEqual([
    'BulkLambdaFunction DeliveryFailed',
    'DeliverLambdaFunction DeliveryFailed',
    'EventsLambdaFunction RequestFailed',
    'MailboxLambdaFunction RequestFailed',
    'SweepLambdaFunction',
    'UnsubscribeLambdaFunction RequestFailed',
    'WebhookLambdaFunction RequestFailed',
  ]);
});

/** The metrics that the function publishes by version. */
function faultsOf(name: string): readonly string[] {
  const own = series.filter(({ service, dimensions }) => service === serviceOf(name) && dimensions.includes('version'));
  return own.map((each) => each.name);
}

function serviceOf(name: string): string {
  return reporterOf(name.replace('LambdaFunction', '').toLowerCase());
}
