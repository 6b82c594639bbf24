import { describe, expect, it } from 'vitest';
import {
  allowed,
  codeOf,
  dev,
  functions,
  logicalId,
  ofType,
  permitted,
  production,
  propertiesOf,
  target,
  variablesOf,
} from './reading.ts';

/** For these AWS has nothing narrower, or the code cannot know it. */
const WIDE: Readonly<Record<string, string>> = {
  'xray:PutTraceSegments *': 'X-Ray has no resources',
  'xray:PutTelemetryRecords *': 'X-Ray has no resources',
  'sns:ConfirmSubscription arn:<Partition>:sns:*:<AccountId>:*': 'which topics may speak is said in a secret',
  's3:GetObject arn:<Partition>:s3:::optout-relay-production-mail-<AccountId>-<Region>/mail/*': 'SES names the mails',
  'cloudwatch:DescribeAlarms arn:<Partition>:cloudwatch:<Region>:<AccountId>:alarm:*': 'the call lists all',
};

const roles = ofType('AWS::IAM::Role', production).map(([id]) => id);

it.each(roles)('lets %s do nothing on everything, but where there is no other way', (role) => {
  const wide = allowed(role, production).filter((sentence) => sentence.replace(/ if .*/, '').includes('*'));

  expect(wide.filter((sentence) => !(sentence in WIDE))).toEqual([]);
});

it('lets nobody but Lambda take a role of a function, and hangs no policy of AWS on any', () => {
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

/** What the code in a function's bundle asks of AWS, as IAM calls it. */
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

/** What Lambda does in the name of the function: it writes the logs, sends the traces, and polls the queue. */
function callsOfLambda(name: string): readonly string[] {
  const mappings = ofType('AWS::Lambda::EventSourceMapping').map(([, { Properties }]) =>
    target(Properties.FunctionName),
  );
  const polling = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];
  const always = ['logs:CreateLogStream', 'logs:PutLogEvents', 'xray:PutTraceSegments', 'xray:PutTelemetryRecords'];
  return mappings.includes(`${logicalId(name)}LambdaFunction`) ? [...always, ...polling] : always;
}

describe.each(functions)('%s', (name) => {
  const may = allowed(`${logicalId(name)}Role`).filter((sentence) => !sentence.startsWith('kms:'));

  it('may do nothing that neither its code nor Lambda does in its name', () => {
    const actions = new Set(may.map((sentence) => sentence.split(' ')[0]));

    expect([...actions].sort()).toEqual([...actions].filter((action) => isCalled(action ?? '')).sort());
  });

  const isCalled = (action: string) => [...callsOf(name), ...callsOfLambda(name)].includes(action);

  it('may read the secrets that it is told of, and no other', () => {
    const named = ofType('AWS::SecretsManager::Secret').map(([id, { Properties }]) => [Properties.Name, id] as const);
    const told = Object.values(variablesOf(name)).flatMap((value) => new Map(named).get(value) ?? []);
    const read = may.filter((sentence) => sentence.startsWith('secretsmanager:'));

    expect(read.sort()).toEqual(told.map((id) => `secretsmanager:GetSecretValue ${id}`).sort());
  });

  it('may write its own log and no other', () => {
    const logs = may.filter((sentence) => sentence.startsWith('logs:'));

    expect(logs).toEqual(['CreateLogStream', 'PutLogEvents'].map((call) => `logs:${call} ${logicalId(name)}LogGroup`));
  });
});

it('lets an operator do what the commands do', () => {
  const { PolicyDocument } = propertiesOf('OperatorPolicy');

  expect(PolicyDocument && permitted(PolicyDocument)).toEqual([
    ...['GetItem', 'UpdateItem', 'Scan', 'DescribeTable', 'DescribeTimeToLive'].map(
      (call) => `dynamodb:${call} Ledger`,
    ),
    'dynamodb:Query <Ledger.Arn>/index/*',
    'sqs:SendMessage OptOutQueue',
    'sqs:GetQueueAttributes OptOutQueue',
    ...['ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility', 'GetQueueAttributes'].map(
      (call) => `sqs:${call} OptOutDeadLetters`,
    ),
    ...['HubSpot', 'Sources', 'Links', 'Receipts'].map((name) => `secretsmanager:GetSecretValue ${name}Secret`),
  ]);
});

it('lets the token be read only by those who ask HubSpot', () => {
  const readers = roles.filter((role) => allowed(role).includes('secretsmanager:GetSecretValue HubSpotSecret'));

  expect(readers).toContain('DeliverRole');
  expect(['DeliverRole', 'SweepRole']).toEqual(expect.arrayContaining(readers));
});

it('lets the public pages ask the ledger for one entry, and change nothing in it but the counters', () => {
  const onLedger = allowed('UnsubscribeRole').filter((sentence) => sentence.startsWith('dynamodb:'));

  expect(onLedger).toEqual([
    'dynamodb:GetItem Ledger',
    'dynamodb:UpdateItem Ledger if {"ForAllValues:StringLike":{"dynamodb:LeadingKeys":["limit#*"]}}',
  ]);
});
