import { describe, expect, it } from 'vitest';
import {
  allowed,
  codeOf,
  dev,
  functions,
  invoked,
  logicalId,
  ofType,
  permitted,
  production,
  propertiesOf,
  variablesOf,
} from './template.ts';

/** Wildcards that cannot be narrower, and why. */
const WIDE: Readonly<Record<string, string>> = {
  'xray:PutTraceSegments *': 'X-Ray has no resource-level permissions',
  'xray:PutTelemetryRecords *': 'X-Ray has no resource-level permissions',
  'lambda:GetAccountSettings *': 'Lambda has no resource-level permission for this call',
  'sns:ConfirmSubscription arn:<Partition>:sns:*:<AccountId>:*': 'the sources secret lists the allowed topics',
  's3:GetObject arn:<Partition>:s3:::optout-relay-production-mail-<AccountId>-<Region>/mail/*':
    'SES chooses the object key',
  'cloudwatch:DescribeAlarms arn:<Partition>:cloudwatch:<Region>:<AccountId>:alarm:*':
    'DescribeAlarms lists all alarms',
};

const roles = ofType('AWS::IAM::Role', production).map(([id]) => id);

it.each(roles)('grants %s wildcards only where AWS requires them', (role) => {
  const wide = allowed(role, production).filter((sentence) => sentence.replace(/ if .*/, '').includes('*'));

  expect(wide.filter((sentence) => !(sentence in WIDE))).toEqual([]);
});

it("lets only Lambda assume a function's role, and attaches no AWS managed policy", () => {
  for (const [id, { Properties }] of ofType('AWS::IAM::Role', production)) {
    const Service = id === 'RolloutRole' ? 'codedeploy.amazonaws.com' : 'lambda.amazonaws.com';
    expect(Properties).toMatchObject({ AssumeRolePolicyDocument: { Statement: [{ Principal: { Service } }] } });
    expect(Properties).not.toHaveProperty('ManagedPolicyArns');
  }
  expect(ofType('AWS::IAM::Role', dev)).toHaveLength(functions.length);
});

const CALLS = /(?:new (\w+)Command|paginate(\w+))\(/g;
const CLIENTS = /import \{([^}]*)\} from '@aws-sdk\/client-([\w-]+)'/g;
const PREFIXES: Readonly<Record<string, string>> = { 'secrets-manager': 'secretsmanager', eventbridge: 'events' };
const ACTIONS: Readonly<Record<string, string>> = { 'sqs:SendMessageBatch': 'sqs:SendMessage' };

/** The IAM actions that the code in a function's bundle needs. */
function callsOf(name: string): string[] {
  const code = codeOf(name);
  const services = [...code.matchAll(CLIENTS)].map(([, names = '', client = '']) => ({ names, client }));
  return [...code.matchAll(CALLS)].map(([, sent, paged]) => {
    const command = sent ?? paged ?? '';
    const imported = sent ? `${sent}Command` : `paginate${paged}`;
    const client = services.find(({ names }) => names.includes(imported))?.client ?? '';
    const action = `${PREFIXES[client] ?? client}:${command}`;
    return ACTIONS[action] ?? action;
  });
}

/** The actions that Lambda performs with the function's role: it writes logs, sends traces and polls queues. */
function callsOfLambda(name: string): readonly string[] {
  const mappings = ofType('AWS::Lambda::EventSourceMapping').map(([, { Properties }]) => invoked(Properties));
  const polling = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];
  const always = ['logs:CreateLogStream', 'logs:PutLogEvents', 'xray:PutTraceSegments', 'xray:PutTelemetryRecords'];
  return mappings.includes(`${logicalId(name)}LambdaFunction`) ? [...always, ...polling] : always;
}

describe.each(functions)('%s', (name) => {
  const may = allowed(`${logicalId(name)}Role`).filter((sentence) => !sentence.startsWith('kms:'));

  it('may do only what its code or Lambda does', () => {
    const actions = new Set(may.map((sentence) => sentence.split(' ')[0]));

    expect([...actions].sort()).toEqual([...actions].filter((action) => isCalled(action ?? '')).sort());
  });

  const isCalled = (action: string) => [...callsOf(name), ...callsOfLambda(name)].includes(action);

  it('may read only the secrets named in its environment', () => {
    const secrets = ofType('AWS::SecretsManager::Secret').map(([id, { Properties }]) => [Properties.Name, id] as const);
    const named = Object.values(variablesOf(name)).flatMap((value) => new Map(secrets).get(value) ?? []);
    const read = may.filter((sentence) => sentence.startsWith('secretsmanager:'));

    expect(read.sort()).toEqual(named.map((id) => `secretsmanager:GetSecretValue ${id}`).sort());
  });

  it('may write only its own log', () => {
    const logs = may.filter((sentence) => sentence.startsWith('logs:'));

    expect(logs).toEqual(['CreateLogStream', 'PutLogEvents'].map((call) => `logs:${call} ${logicalId(name)}LogGroup`));
  });
});

it('grants an operator exactly the calls of the relay commands', () => {
  const { PolicyDocument } = propertiesOf('OperatorPolicy');

  expect(PolicyDocument && permitted(PolicyDocument)).toEqual([
    ...['GetItem', 'UpdateItem', 'Scan', 'DescribeTable', 'DescribeTimeToLive'].map(
      (call) => `dynamodb:${call} Ledger`,
    ),
    'dynamodb:Query <Ledger.Arn>/index/*',
    ...['SendMessage', 'GetQueueAttributes'].flatMap((call) => [`sqs:${call} OptOutQueue`, `sqs:${call} BulkQueue`]),
    ...['ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility', 'GetQueueAttributes'].map(
      (call) => `sqs:${call} OptOutDeadLetters`,
    ),
    ...['HubSpot', 'Sources', 'Links', 'Receipts'].map((name) => `secretsmanager:GetSecretValue ${name}Secret`),
    'lambda:GetAccountSettings *',
  ]);
});

it('lets only the functions that call HubSpot read its token', () => {
  const readers = roles.filter((role) => allowed(role).includes('secretsmanager:GetSecretValue HubSpotSecret'));

  expect(readers).toContain('DeliverRole');
  expect(['DeliverRole', 'BulkRole', 'SweepRole']).toEqual(expect.arrayContaining(readers));
});

it('lets the public pages read only the state and the end of a ledger entry, and update only counters', () => {
  const onLedger = allowed('UnsubscribeRole').filter((sentence) => sentence.startsWith('dynamodb:'));

  expect(onLedger).toEqual([
    `dynamodb:GetItem Ledger if ${JSON.stringify({
      'ForAllValues:StringEquals': { 'dynamodb:Attributes': ['id', 'state', 'closedAt'] },
      StringEqualsIfExists: { 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES' },
    })}`,
    'dynamodb:UpdateItem Ledger if {"ForAllValues:StringLike":{"dynamodb:LeadingKeys":["limit#*"]}}',
  ]);
});
