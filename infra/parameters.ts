import { isAccepted } from '../functions/config/environment.ts';

/** The parts of osls that the plugin uses. */
interface Osls {
  readonly classes: { readonly Error: new (message: string) => Error };
  readonly processedInput: {
    readonly commands: readonly string[];
    readonly options: { readonly param?: readonly string[] };
  };
  readonly configurationInput: { readonly params: Readonly<Record<string, Readonly<Record<string, unknown>>>> };
  readonly service: {
    readonly custom: { readonly stage: string };
    readonly provider: { readonly region: string };
  };
}

/** An osls plugin that checks the stage and the parameters before `package` and `deploy`. */
export default class ParameterCheck {
  constructor({ classes, processedInput, configurationInput, service }: Osls) {
    const [command = ''] = processedInput.commands;
    // A stage that was deployed with other rules must still be removable.
    if (!CHECKED.includes(command)) return;
    const { default: defaults = {}, [service.custom.stage]: own = {} } = configurationInput.params;
    const given = Object.fromEntries((processedInput.options.param ?? []).map(nameAndValue));
    const faults = deploymentFaults({
      stage: service.custom.stage,
      region: service.provider.region,
      parameters: { ...defaults, ...own, ...given },
    });
    if (faults.length > 0) throw new classes.Error(faults.join('\n'));
  }
}

const CHECKED = ['package', 'deploy'];

/** Splits `name=value` as osls does. */
function nameAndValue(option: string): readonly [string, string] {
  const [name = '', ...value] = option.split('=');
  return [name, value.join('=').trimEnd()];
}

export interface Deployment {
  readonly stage: string;
  readonly region: string;
  /** Values that are not text, such as CloudFormation functions, are not checked. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Returns what is wrong with the stage and the parameters, one sentence each. */
export function deploymentFaults({ stage, region, parameters }: Deployment): readonly string[] {
  if (!isStage(stage)) return [STAGE_RULE.replace('{stage}', stage)];
  const given = Object.entries(parameters).flatMap(([name, value]) =>
    typeof value === 'object' ? [] : [[name, String(value)] as const],
  );
  const faults = given.flatMap(([name, value]) => {
    const parameter = PARAMETERS[name];
    if (!parameter) return [`There is no parameter ${name}. docs/deploy.md lists the parameters.`];
    return parameter.accepts(value, region) ? [] : [`The parameter ${name} must be ${parameter.is}, not "${value}".`];
  });
  return [...faults, ...pairFaults(new Map(given))];
}

/** The mail bucket is the longest resource name: 63 characters with an account id and the longest region. */
const MAX_STAGE = 17;
const STAGE_RULE = `The stage "{stage}" cannot be part of AWS's resource names. Use up to ${MAX_STAGE} lowercase letters, digits and single hyphens, and begin with a letter.`;

function isStage(stage: string): boolean {
  return /^[a-z](-?[a-z0-9])*$/.test(stage) && stage.length <= MAX_STAGE;
}

function pairFaults(given: ReadonlyMap<string, string>): readonly string[] {
  const has = (name: string) => given.get(name) !== undefined && given.get(name) !== '';
  return [
    ...(has('domainName') === has('certificateArn') ? [] : ['Set both domainName and certificateArn, or neither.']),
    ...(has('mailRuleSet') && !has('mailDomain') ? ['mailRuleSet has no effect without mailDomain. Set both.'] : []),
  ];
}

interface Parameter {
  /** Completes "must be …". */
  readonly is: string;
  readonly accepts: (value: string, region: string) => boolean;
}

const DOMAIN = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;
const IDENTIFIER = '[\\w+=,.@/-]+';

const boolean: Parameter = { is: 'true or false', accepts: isOneOf('true', 'false') };
const domain: Parameter = { is: 'a domain in lowercase letters', accepts: orEmpty((value) => DOMAIN.test(value)) };
const topic = resource('sns', '[\\w-]+', 'an SNS topic');

/** Retention times that CloudWatch Logs offers. */
const LOG_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];
/** CodeDeploy's predefined configurations. */
const ROLLOUTS = [
  ...['none', 'AllAtOnce'],
  ...['5Minutes', '10Minutes', '15Minutes', '30Minutes'].map((time) => `Canary10Percent${time}`),
  ...['1Minute', '2Minutes', '3Minutes', '10Minutes'].map((time) => `Linear10PercentEvery${time}`),
];

/** Every parameter of serverless.yml. Those that become an environment variable are checked like it. */
export const PARAMETERS: Readonly<Record<string, Parameter>> = {
  domainName: domain,
  certificateArn: resource('acm', 'certificate/[\\w-]+', 'an ACM certificate'),
  publicUrl: {
    is: 'an origin such as https://optout.example.com, without a path',
    accepts: (value) => value.startsWith('https://') && isAccepted('PUBLIC_URL', value),
  },
  hubspotBaseUrl: variable('HUBSPOT_BASE_URL', 'an origin such as https://api.hubapi.com, without a path'),
  hubspotApiVersion: variable('HUBSPOT_API_VERSION', 'v4, 2026-03 or 2026-09'),
  hubspotRatePer10Seconds: variable('HUBSPOT_RATE_PER_10_S', 'a number from 1 to 999999'),
  mode: variable('RELAY_MODE', 'live or observe'),
  hubspotBatch: variable('HUBSPOT_BATCH', 'true, false or a number from 2 to 100'),
  ledgerRetentionDays: variable(
    'LEDGER_RETENTION_DAYS',
    'empty or a number from 30, as queues keep messages for 14 days',
  ),
  metricsNamespace: {
    is: 'up to 255 letters, digits or . _ / # -',
    accepts: (value) => /^(?!AWS\/)[\w./#-]{1,255}$/.test(value),
  },
  deliverConcurrency: { is: "a number from 2 to 1000, which are Lambda's limits", accepts: isBetween(2, 1000) },
  publicConcurrency: { is: '0 for none, or a number of instances', accepts: isBetween(0, 999_999) },
  kmsKey: resource('kms', 'key/[\\w-]+', 'a KMS key, not an alias,'),
  alarmTopic: topic,
  recoveryTopic: topic,
  rollout: { is: ROLLOUTS.join(', '), accepts: isOneOf(...ROLLOUTS) },
  sesTopicArn: topic,
  salesforceBus: {
    is: 'aws.partner/salesforce.com/<organization>/<channel>',
    accepts: orEmpty((value) => /^aws\.partner\/salesforce\.com\/[\w-]+\/[\w-]+$/.test(value)),
  },
  resultBus: resource('events', `event-bus/${IDENTIFIER}`, 'an EventBridge bus'),
  mailDomain: domain,
  mailRuleSet: {
    is: 'the name of an SES receipt rule set',
    accepts: orEmpty((value) => /^[A-Za-z0-9]([\w-]{0,62}[A-Za-z0-9])?$/.test(value)),
  },
  mailBucket: {
    is: 'the name of an S3 bucket: 3 to 63 lowercase letters, digits, dots and hyphens',
    accepts: (value, region) => /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(withPseudoParameters(value, region)),
  },
  logRetentionInDays: { is: `one of ${LOG_DAYS.join(', ')}`, accepts: isOneOf(...LOG_DAYS.map(String)) },
  defaultBus: boolean,
  isProtected: boolean,
};

function variable(name: Parameters<typeof isAccepted>[0], is: string): Parameter {
  return { is, accepts: (value) => isAccepted(name, value) };
}

/** The ARN of a resource in the deployment's region, or empty. */
function resource(service: string, name: string, is: string): Parameter {
  return {
    is: `the ARN of ${is} in the region of the deployment`,
    accepts: (value, region) =>
      value === '' || new RegExp(`^arn:aws[\\w-]*:${service}:${region}:\\d{12}:${name}$`).test(value),
  };
}

function orEmpty(accepts: (value: string) => boolean): (value: string) => boolean {
  return (value) => value === '' || accepts(value);
}

function isOneOf(...values: readonly string[]): (value: string) => boolean {
  return (value) => values.includes(value);
}

function isBetween(least: number, most: number): (value: string) => boolean {
  return (value) => /^(0|[1-9]\d*)$/.test(value) && Number(value) >= least && Number(value) <= most;
}

function withPseudoParameters(value: string, region: string): string {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation syntax
  return value.replace('${AWS::AccountId}', '0'.repeat(12)).replace('${AWS::Region}', region);
}
