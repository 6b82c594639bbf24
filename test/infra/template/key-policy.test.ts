import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../packaged.ts';
import { ofType, production, propertiesOf, target } from './template.ts';

const REGION = 'eu-central-1';
const ACCOUNT = '111122223333';

interface KeyStatement {
  readonly Effect: string;
  readonly Principal: Readonly<Record<string, string | readonly string[]>>;
  readonly Action: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** The policy in docs/deploy.md, as the shell writes it. */
const [, text = ''] =
  /key-policy\.json <<END\n([\s\S]*?)\nEND/.exec(readFileSync(join(ROOT, 'docs/deploy.md'), 'utf8')) ?? [];
const statements: readonly KeyStatement[] = JSON.parse(
  text.replaceAll('$account', ACCOUNT).replaceAll('$AWS_REGION', REGION),
).Statement;

interface Call {
  readonly by: string;
  readonly action: string;
  readonly context?: Readonly<Record<string, string>>;
}

/** Whether the key's policy allows a call, by the rules of IAM for the elements that it uses. */
function isAllowed({ by, action, context = {} }: Call): boolean {
  return statements.some(({ Effect, Principal, Action, Condition = {} }) => {
    const named = Object.values(Principal).flat().includes(by) && [Action].flat().some((each) => isLike(action, each));
    const conditions = Object.entries(Condition).flatMap(([operator, keys]) => {
      expect(operator).toBe('ArnLike');
      return Object.entries(keys);
    });
    const holds = conditions.every(([key, values]) =>
      [values].flat().some((value) => isLike(context[key] ?? '', value)),
    );
    expect(Effect).toBe('Allow');
    return named && holds;
  });
}

function isLike(value: string, pattern: string): boolean {
  const literal = pattern.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${literal.join('.*')}$`).test(value);
}

const logGroups = ofType('AWS::Logs::LogGroup', production).map(([, { Properties }]) =>
  String(Properties.LogGroupName),
);
const logs = `logs.${REGION}.amazonaws.com`;
const logCall = (group: string): Call => ({
  by: logs,
  action: 'kms:GenerateDataKey',
  context: { 'kms:EncryptionContext:aws:logs:arn': `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${group}` },
});

it.each(logGroups)('lets CloudWatch Logs encrypt and decrypt %s', (group) => {
  for (const action of ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncryptFrom', 'kms:GenerateDataKey', 'kms:DescribeKey']) {
    expect(isAllowed({ ...logCall(group), action })).toBe(true);
  }
});

it("lets every service that writes without a role of the stack use the key, as the queues' and the bucket's policies do", () => {
  const policies = ['EventsDeadLettersPolicy', 'MailBucketPolicy'].map(
    (id) => propertiesOf(id, production).PolicyDocument,
  );
  const services = new Set(JSON.stringify(policies).match(/[a-z]+\.amazonaws\.com/g));

  expect([...services].sort()).toEqual(['events.amazonaws.com', 'ses.amazonaws.com', 'sns.amazonaws.com']);
  for (const by of services) {
    for (const action of ['kms:GenerateDataKey', 'kms:Decrypt']) expect(isAllowed({ by, action }), by).toBe(true);
  }
});

it("lets IAM policies of the account grant the key's use, and the stack grant it to its roles", () => {
  const root = `arn:aws:iam::${ACCOUNT}:root`;
  const [{ Action } = { Action: [] }] = propertiesOf('KeyPolicy', production).PolicyDocument?.Statement ?? [];

  // CreateGrant: DynamoDB, when the deployment sets the key of the ledger.
  for (const action of [...[Action].flat(), 'kms:CreateGrant', 'kms:PutKeyPolicy']) {
    expect(isAllowed({ by: root, action }), action).toBe(true);
  }
  expect(target(ofType('AWS::IAM::Policy', production)[0]?.[1].Properties.PolicyName)).toBe('key');
});

it.each<[string, Call]>([
  ['another log group', logCall('/aws/lambda/shop')],
  [
    'a log group of another account',
    {
      ...logCall(''),
      context: {
        'kms:EncryptionContext:aws:logs:arn': `arn:aws:logs:${REGION}:999999999999:log-group:/aws/lambda/optout-relay-production-webhook`,
      },
    },
  ],
  ['CloudWatch Logs without a log group', { by: logs, action: 'kms:Decrypt' }],
  ['CloudWatch Logs in another region', { ...logCall(logGroups[0] ?? ''), by: 'logs.us-east-1.amazonaws.com' }],
  ['another account', { by: 'arn:aws:iam::999999999999:root', action: 'kms:Decrypt' }],
  ['another service', { by: 'lambda.amazonaws.com', action: 'kms:Decrypt' }],
  ['a service that changes the policy', { by: 'events.amazonaws.com', action: 'kms:PutKeyPolicy' }],
])('does not let %s use the key', (_what, call) => {
  expect(isAllowed(call)).toBe(false);
});
