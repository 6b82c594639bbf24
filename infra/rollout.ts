import { EVENTS } from '../functions/core/model/telemetry.ts';

/** The parts of a CloudFormation template that the plugin reads. */
interface Template {
  readonly Resources: Record<string, Resource>;
}

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly [attribute: string]: unknown;
}

/** The parts of osls that the plugin uses. */
interface Osls {
  readonly service: {
    readonly custom: { readonly rollout: string };
    readonly provider: {
      readonly environment: { readonly POWERTOOLS_METRICS_NAMESPACE: string };
      readonly compiledCloudFormationTemplate: Template;
    };
  };
}

/**
 * An osls plugin by which every function is invoked through an alias. Unless `custom.rollout` is `none`, CodeDeploy shifts the alias
 * gradually to the new version, and back if the new version fails.
 */
export default class Rollout {
  readonly hooks: Readonly<Record<string, () => void>>;

  constructor({ service: { custom, provider } }: Osls) {
    this.hooks = {
      'after:aws:package:finalize:mergeCustomProviderResources': () => {
        const { Resources } = provider.compiledCloudFormationTemplate;
        const versions = invokeAliases(Resources);
        if (custom.rollout === 'none') return;
        rollOut(Resources, versions, {
          configuration: custom.rollout,
          namespace: provider.environment.POWERTOOLS_METRICS_NAMESPACE,
        });
      },
    };
  }
}

type Resources = Template['Resources'];
/** The logical id of each function's version, by the logical id of the function. */
type Versions = ReadonlyMap<string, string>;

const ALIAS = 'live';

/** Changes the template so that every trigger of a function invokes its alias. Also without a rollout, so that triggers never change. */
function invokeAliases(resources: Resources): Versions {
  const versions = new Map(Object.entries(resources).flatMap(functionAndVersion));
  for (const [id, resource] of Object.entries(resources)) resources[id] = callingAliases(resource, versions);
  for (const [name, version] of versions) resources[aliasOf(name)] = alias(name, version);
  return versions;
}

interface Options {
  /** The CodeDeploy configuration without its prefix. */
  readonly configuration: string;
  /** The namespace of the functions' metrics. */
  readonly namespace: string;
}

function rollOut(resources: Resources, versions: Versions, { configuration, namespace }: Options): void {
  for (const [name, version] of versions) {
    const alarms = alarmsOf(name, version, namespace);
    for (const [id, alarm] of alarms) resources[id] = alarm;
    resources[groupOf(name)] = group(configuration, [...alarms.keys()]);
    resources[aliasOf(name)] = { ...alias(name, version), ...gradually(name) };
  }
  resources[APPLICATION] = { Type: 'AWS::CodeDeploy::Application', Properties: { ComputePlatform: 'Lambda' } };
  resources[ROLE] = role([...versions.keys()]);
}

const APPLICATION = 'Rollout';
const ROLE = 'RolloutRole';
const aliasOf = (name: string): string => `${name}Alias`;
const groupOf = (name: string): string => `${name}Rollout`;

function functionAndVersion([id, resource]: readonly [string, Resource]): readonly [string, string][] {
  return resource.Type === 'AWS::Lambda::Version' ? [[nameOf(resource), id]] : [];
}

/** Returns the logical id of the function that a version, permission or event source refers to. */
function nameOf({ Properties }: Resource): string {
  return (Properties?.FunctionName as { readonly Ref?: string } | undefined)?.Ref ?? '';
}

/**
 * Returns the alarms that roll back a function's deployment. They watch the new version only, and each version has alarms of its
 * own: errors of the old version never stop the deployment of a fix. If one function is rolled back, CloudFormation rolls back all.
 */
function alarmsOf(name: string, version: string, namespace: string): ReadonlyMap<string, Resource> {
  const number = { 'Fn::GetAtt': [version, 'Version'] };
  const errors = alarm('AWS/Lambda', 'Errors', {
    FunctionName: { Ref: name },
    Resource: { 'Fn::Sub': `\${${name}}:${ALIAS}` },
    ExecutedVersion: number,
  });
  const service = serviceOf(name);
  // What the function caught itself: Lambda does not count it as an error.
  const faults = faultMetrics(service).map((metric): readonly [string, Resource] => [
    `${version}${metric}`,
    alarm(namespace, metric, { service, version: { 'Fn::Sub': [`\${${name}}:\${number}`, { number }] } }),
  ]);
  return new Map([[`${version}Errors`, errors], ...faults]);
}

/** `WebhookLambdaFunction` reports as `webhook`, but bulk runs the code of deliver and reports under its name. */
function serviceOf(name: string): string {
  const service = name.replace('LambdaFunction', '').toLowerCase();
  return service === 'bulk' ? 'deliver' : service;
}

function faultMetrics(service: string): readonly string[] {
  return Object.values(EVENTS).flatMap(({ isFault, emittedBy, metrics }) =>
    isFault && typeof metrics === 'string' && emittedBy.some((each) => each === service) ? [metrics] : [],
  );
}

/** An alarm for a single failure in a minute: a canary of five minutes gets few requests. It notifies only CodeDeploy. */
function alarm(namespace: string, metric: string, dimensions: Readonly<Record<string, unknown>>): Resource {
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmDescription:
        'The new version of a function failed, and its deployment is rolled back. Find the cause with the saved query "unexpected failures".',
      Namespace: namespace,
      MetricName: metric,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold: 0,
      TreatMissingData: 'notBreaching',
    },
  };
}

const CALLERS = ['AWS::Lambda::EventSourceMapping', 'AWS::Lambda::Permission'];

function callingAliases(resource: Resource, versions: Versions): Resource {
  const changed: Resource = JSON.parse(JSON.stringify(resource), (_key, value) => {
    const [name, attribute] = value?.['Fn::GetAtt'] ?? [];
    return attribute === 'Arn' && versions.has(name) ? { Ref: aliasOf(name) } : value;
  });
  const { Type, Properties } = changed;
  const name = nameOf(changed);
  if (CALLERS.includes(Type) && versions.has(name)) {
    return { ...changed, Properties: { ...Properties, FunctionName: { Ref: aliasOf(name) } } };
  }
  // Refers to the function by name and to its version by qualifier.
  if (Type !== 'AWS::Lambda::EventInvokeConfig') return changed;
  return { ...changed, DependsOn: aliasOf(name), Properties: { ...Properties, Qualifier: ALIAS } };
}

function alias(name: string, version: string): Resource {
  return {
    Type: 'AWS::Lambda::Alias',
    Properties: {
      FunctionName: { Ref: name },
      FunctionVersion: { 'Fn::GetAtt': [version, 'Version'] },
      Name: ALIAS,
    },
  };
}

/** The attribute of an alias that CodeDeploy shifts. Its references have the group updated first, with the new version's alarms. */
function gradually(name: string) {
  const group = { ApplicationName: { Ref: APPLICATION }, DeploymentGroupName: { Ref: groupOf(name) } };
  return { UpdatePolicy: { CodeDeployLambdaAliasUpdate: group } };
}

function group(configuration: string, alarms: readonly string[]): Resource {
  return {
    Type: 'AWS::CodeDeploy::DeploymentGroup',
    Properties: {
      ApplicationName: { Ref: APPLICATION },
      ServiceRoleArn: { 'Fn::GetAtt': [ROLE, 'Arn'] },
      DeploymentConfigName: `CodeDeployDefault.Lambda${configuration}`,
      DeploymentStyle: { DeploymentType: 'BLUE_GREEN', DeploymentOption: 'WITH_TRAFFIC_CONTROL' },
      AutoRollbackConfiguration: {
        Enabled: true,
        Events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM', 'DEPLOYMENT_STOP_ON_REQUEST'],
      },
      AlarmConfiguration: { Enabled: true, Alarms: alarms.map((id) => ({ Name: { Ref: id } })) },
    },
  };
}

/** The role that CodeDeploy assumes. */
function role(functions: readonly string[]): Resource {
  const named = functions.flatMap((name) => [
    { 'Fn::GetAtt': [name, 'Arn'] },
    { 'Fn::Sub': `\${${name}.Arn}:${ALIAS}` },
  ]);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation syntax
  const alarms = { 'Fn::Sub': 'arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:*' };
  const moves = ['lambda:GetAlias', 'lambda:UpdateAlias', 'lambda:GetProvisionedConcurrencyConfig'];
  const Statement = [
    { Effect: 'Allow', Action: moves, Resource: named },
    { Effect: 'Allow', Action: 'cloudwatch:DescribeAlarms', Resource: alarms },
  ];
  const Principal = { Service: 'codedeploy.amazonaws.com' };
  const Version = '2012-10-17';
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: { Version, Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal }] },
      Policies: [{ PolicyName: 'rollout', PolicyDocument: { Version, Statement } }],
    },
  };
}
