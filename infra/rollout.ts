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
    readonly provider: { versionFunctions: boolean; readonly compiledCloudFormationTemplate: Template };
  };
}

/**
 * An osls plugin for gradual deployments. Unless `custom.rollout` is `none`, every function is invoked through an alias that
 * CodeDeploy shifts gradually to the new version, and back if an alarm fires.
 */
export default class Rollout {
  readonly hooks: Readonly<Record<string, () => void>>;

  constructor({ service }: Osls) {
    this.hooks = {
      'before:package:compileFunctions': () => {
        service.provider.versionFunctions = service.custom.rollout !== NONE;
      },
      'after:aws:package:finalize:mergeCustomProviderResources': () => {
        if (service.custom.rollout === NONE) return;
        rollOut(service.provider.compiledCloudFormationTemplate, service.custom.rollout);
      },
    };
  }
}

const NONE = 'none';
const ALIAS = 'live';

/** Changes the template so that every trigger of a function invokes its alias. */
function rollOut({ Resources }: Template, configuration: string): void {
  const versions = new Map(Object.entries(Resources).flatMap(functionAndVersion));
  const alarms = failing(Resources);
  for (const [id, resource] of Object.entries(Resources)) Resources[id] = callingAliases(resource, versions);
  for (const [name, version] of versions) {
    Resources[aliasOf(name)] = alias(name, version);
    Resources[groupOf(name)] = group(configuration, alarms);
  }
  Resources[APPLICATION] = { Type: 'AWS::CodeDeploy::Application', Properties: { ComputePlatform: 'Lambda' } };
  Resources[ROLE] = role([...versions.keys()]);
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

const FAILING: readonly unknown[] = ['Errors', '5xx'];

/** Returns the alarms that roll back a deployment. All functions share them, so that a release is rolled back as a whole. */
function failing(resources: Template['Resources']): readonly string[] {
  const alarms = Object.entries(resources).filter(([, { Type }]) => Type === 'AWS::CloudWatch::Alarm');
  return alarms.flatMap(([id, { Properties }]) => (FAILING.includes(Properties?.MetricName) ? [id] : []));
}

const CALLERS = ['AWS::Lambda::EventSourceMapping', 'AWS::Lambda::Permission'];

function callingAliases(resource: Resource, versions: ReadonlyMap<string, string>): Resource {
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
    UpdatePolicy: {
      CodeDeployLambdaAliasUpdate: {
        ApplicationName: { Ref: APPLICATION },
        DeploymentGroupName: { Ref: groupOf(name) },
      },
    },
  };
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
