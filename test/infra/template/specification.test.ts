// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are CloudFormation's
import { expect, it } from 'vitest';
import { dev, production, type Template } from './reading.ts';
import { needsOf, referenceFaults } from './references.ts';
import { shapeFaults } from './specification.ts';

it.each(Object.entries({ dev, production }))('is %s as AWS describes its resources', (_stage, template) => {
  expect(shapeFaults(template)).toEqual([]);
});

it.each(Object.entries({ dev, production }))('of %s names nothing that is not in it', (_stage, template) => {
  expect(referenceFaults(template)).toEqual([]);
});

it.each(Object.entries({ dev, production }))('of %s names nothing in a circle', (_stage, template) => {
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
  [`${QUEUE}.Type`, 'AWS::SQS::Queues', 'OptOutQueue: there is no AWS::SQS::Queues'],
  [`${QUEUE}.Properties.Retention`, 1, 'OptOutQueue: Retention is not known'],
  [`${QUEUE}.Properties.VisibilityTimeout`, 'soon', 'OptOutQueue.VisibilityTimeout: is no integer'],
  [`${QUEUE}.Properties.KmsMasterKeyId.Fn::If.1`, { Key: 'a' }, 'OptOutQueue.KmsMasterKeyId: is no string'],
  ['Resources.Ledger.Properties.KeySchema', undefined, 'Ledger: KeySchema is missing'],
  ['Resources.Ledger.Properties.KeySchema.0.KeyType', undefined, 'Ledger.KeySchema.0: KeyType is missing'],
  ['Resources.Ledger.Properties.SSESpecification.SSEType', [], 'Ledger.SSESpecification.SSEType: is no string'],
  [
    'Resources.WebhookLambdaFunction.Properties.Environment.Variables.PUBLIC_URL',
    { url: '' },
    'WebhookLambdaFunction.Environment.Variables.PUBLIC_URL: is no string',
  ],
  ['Resources.WebhookRole.Properties.Policies', {}, 'WebhookRole.Policies: is no list'],
  [
    'Resources.WebhookLambdaFunction.Properties.TracingConfig.Mode',
    'On',
    'WebhookLambdaFunction.TracingConfig.Mode: is none of Active, PassThrough',
  ],
])('would find %s set to %j', (path, value, fault) => {
  expect(shapeFaults(planted(path, value))).toEqual([fault]);
});

it.each<readonly [string, unknown, string]>([
  [`${QUEUE}.Properties.QueueName`, { Ref: 'Queue' }, `${QUEUE} → Queue: there is no such resource`],
  [`${QUEUE}.Properties.QueueName`, { 'Fn::GetAtt': ['Queue', 'Arn'] }, `${QUEUE} → Queue: there is no such resource`],
  [`${QUEUE}.Properties.QueueName`, { 'Fn::GetAtt': ['Ledger', 'Name'] }, `${QUEUE} → Ledger: has no attribute Name`],
  [`${QUEUE}.Properties.QueueName`, { 'Fn::Sub': '${Queue.Arn}/a' }, `${QUEUE} → Queue: there is no such resource`],
  [`${QUEUE}.Properties.QueueName`, { 'Fn::Sub': '${Ledger.Name}' }, `${QUEUE} → Ledger: has no attribute Name`],
  [
    `${QUEUE}.Properties.QueueName`,
    { 'Fn::If': ['HasLuck', 'a', { Ref: 'Queue' }] },
    `${QUEUE} → HasLuck: there is no such condition`,
  ],
  [`${QUEUE}.DependsOn`, ['Queue'], `${QUEUE} → Queue: there is no such resource`],
  [`${QUEUE}.Condition`, 'HasLuck', `${QUEUE} → HasLuck: there is no such condition`],
  [`${QUEUE}.Properties.QueueName`, { Ref: 'Domain' }, `${QUEUE} → Domain: is there only if HasDomain`],
  ['Outputs.Queue', { Value: { Ref: 'Queue' } }, 'Outputs.Queue → Queue: there is no such resource'],
])('would find that %s cannot be %j', (path, value, fault) => {
  expect(referenceFaults(planted(path, value))).toContain(fault);
});

/** The template with one value put in, or taken out where it is undefined. */
function planted(path: string, value: unknown): Template {
  const template = structuredClone(dev);
  const steps = path.split('.');
  const last = steps.pop() ?? '';
  // biome-ignore lint/suspicious/noExplicitAny: any place of the template
  const parent = steps.reduce((part: any, step) => part[step], template);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return template;
}
