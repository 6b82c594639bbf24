// biome-ignore-all lint/suspicious/noTemplateCurlyInString: CloudFormation syntax
import { expect, it } from 'vitest';
import { needsOf, referenceFaults } from './references.ts';
import { shapeFaults } from './specification.ts';
import { dev, production, type Template } from './template.ts';

it.each(Object.entries({ dev, production }))("matches AWS's resource specification (%s)", (_stage, template) => {
  expect(shapeFaults(template)).toEqual([]);
});

it.each(Object.entries({ dev, production }))('has no broken reference (%s)', (_stage, template) => {
  expect(referenceFaults(template)).toEqual([]);
});

it.each(Object.entries({ dev, production }))('has no circular dependency (%s)', (_stage, template) => {
  const needs = needsOf(template);
  const done = new Set<string>();
  const visit = (id: string, path: readonly string[]): void => {
    expect(path, [...path, id].join(' → ')).not.toContain(id);
    if (!done.has(id)) for (const next of needs.get(id) ?? []) visit(next, [...path, id]);
    done.add(id);
  };

  for (const id of needs.keys()) visit(id, []);

  expect(done.size).toBe(Object.keys(template.Resources).length);
});

const QUEUE = 'Resources.OptOutQueue';

it.each<readonly [string, unknown, string]>([
  [`${QUEUE}.Type`, 'AWS::SQS::Queues', 'OptOutQueue: unknown type AWS::SQS::Queues'],
  [`${QUEUE}.Properties.Retention`, 1, 'OptOutQueue: Retention is not a known property'],
  [`${QUEUE}.Properties.VisibilityTimeout`, 'soon', 'OptOutQueue.VisibilityTimeout: not a valid integer'],
  [`${QUEUE}.Properties.KmsMasterKeyId.Fn::If.1`, { Key: 'a' }, 'OptOutQueue.KmsMasterKeyId: not a valid string'],
  ['Resources.Ledger.Properties.KeySchema', undefined, 'Ledger: KeySchema is missing'],
  ['Resources.Ledger.Properties.KeySchema.0.KeyType', undefined, 'Ledger.KeySchema.0: KeyType is missing'],
  ['Resources.Ledger.Properties.SSESpecification.SSEType', [], 'Ledger.SSESpecification.SSEType: not a valid string'],
  [
    'Resources.WebhookLambdaFunction.Properties.Environment.Variables.PUBLIC_URL',
    { url: '' },
    'WebhookLambdaFunction.Environment.Variables.PUBLIC_URL: not a valid string',
  ],
  ['Resources.WebhookRole.Properties.Policies', {}, 'WebhookRole.Policies: is not a list'],
  [
    'Resources.WebhookLambdaFunction.Properties.TracingConfig.Mode',
    'On',
    'WebhookLambdaFunction.TracingConfig.Mode: is not one of Active, PassThrough',
  ],
])('detects %s set to %j', (path, value, fault) => {
  expect(shapeFaults(planted(path, value))).toEqual([fault]);
});

it.each<readonly [string, unknown, string]>([
  [`${QUEUE}.Properties.QueueName`, { Ref: 'Queue' }, `${QUEUE} → Queue: unknown resource`],
  [`${QUEUE}.Properties.QueueName`, { 'Fn::GetAtt': ['Queue', 'Arn'] }, `${QUEUE} → Queue: unknown resource`],
  [`${QUEUE}.Properties.QueueName`, { 'Fn::GetAtt': ['Ledger', 'Name'] }, `${QUEUE} → Ledger: has no attribute Name`],
  [`${QUEUE}.Properties.QueueName`, { 'Fn::Sub': '${Queue.Arn}/a' }, `${QUEUE} → Queue: unknown resource`],
  [`${QUEUE}.Properties.QueueName`, { 'Fn::Sub': '${Ledger.Name}' }, `${QUEUE} → Ledger: has no attribute Name`],
  [
    `${QUEUE}.Properties.QueueName`,
    { 'Fn::If': ['HasLuck', 'a', { Ref: 'Queue' }] },
    `${QUEUE} → HasLuck: unknown condition`,
  ],
  [`${QUEUE}.DependsOn`, ['Queue'], `${QUEUE} → Queue: unknown resource`],
  [`${QUEUE}.Condition`, 'HasLuck', `${QUEUE} → HasLuck: unknown condition`],
  [`${QUEUE}.Properties.QueueName`, { Ref: 'Domain' }, `${QUEUE} → Domain: exists only if HasDomain`],
  ['Outputs.Queue', { Value: { Ref: 'Queue' } }, 'Outputs.Queue → Queue: unknown resource'],
])('detects the broken reference when %s is %j', (path, value, fault) => {
  expect(referenceFaults(planted(path, value))).toContain(fault);
});

/** Returns the template with one value replaced, or removed if it is undefined. */
function planted(path: string, value: unknown): Template {
  const template = structuredClone(dev);
  const steps = path.split('.');
  const last = steps.pop() ?? '';
  // biome-ignore lint/suspicious/noExplicitAny: any path in the template
  const parent = steps.reduce((part: any, step) => part[step], template);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return template;
}
