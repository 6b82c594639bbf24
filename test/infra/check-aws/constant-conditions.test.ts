import { describe, expect, it } from 'vitest';
import { withoutConditions } from '../../../infra/check-aws/constant-conditions.ts';

const NONE = { Ref: 'AWS::NoValue' };
const Conditions = {
  HasKey: { 'Fn::Not': [{ 'Fn::Equals': ['', ''] }] },
  HasMail: { 'Fn::Not': [{ 'Fn::Equals': ['mail.example.com', ''] }] },
  HasBoth: { 'Fn::And': [{ Condition: 'HasKey' }, { Condition: 'HasMail' }] },
  HasOne: { 'Fn::Or': [{ Condition: 'HasKey' }, { Condition: 'HasMail' }] },
};
const either = (condition: string, then: unknown, otherwise: unknown) => ({ 'Fn::If': [condition, then, otherwise] });
const queue = (properties: object) => ({ Type: 'AWS::SQS::Queue', Properties: properties });

describe('withoutConditions', () => {
  it.each([
    ['the branch of a condition that is met', either('HasMail', 'a', 'b'), { Value: 'a' }],
    ['the other branch of one that is not', either('HasKey', 'a', 'b'), { Value: 'b' }],
    ['a branch within a branch', either('HasOne', either('HasBoth', 'a', 'b'), 'c'), { Value: 'b' }],
    ['nothing for a branch without a value', either('HasKey', 'a', NONE), {}],
    ['the other branch if the first has no value', either('HasKey', NONE, { Key: 'b' }), { Value: { Key: 'b' } }],
    ['the first branch if the other has no value', either('HasMail', 'a', NONE), { Value: 'a' }],
    ['a list without the items that have no value', ['a', either('HasKey', 'b', NONE), 'c'], { Value: ['a', 'c'] }],
  ])('returns %s', (_what, Value, expected) => {
    const { Resources } = withoutConditions({ Conditions, Resources: { Queue: queue({ Value }) } });

    expect(Resources).toEqual({ Queue: queue(expected) });
  });

  it('removes resources and outputs whose condition is not met, and every mention of conditions', () => {
    const policy = { Statement: [{ Effect: 'Allow', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }] };
    const Resources = {
      Mail: { Condition: 'HasMail', ...queue({ policy }) },
      Key: { Condition: 'HasKey', ...queue({}) },
    };
    const Outputs = { Mail: { Condition: 'HasMail', Value: 'a' }, Key: { Condition: 'HasBoth', Value: 'b' } };

    expect(withoutConditions({ Description: 'd', Conditions, Resources, Outputs })).toEqual({
      Description: 'd',
      Resources: { Mail: queue({ policy }) },
      Outputs: { Mail: { Value: 'a' } },
    });
  });

  it('rejects a condition whose value is known only to CloudFormation', () => {
    const unknown = { HasKey: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] } };

    expect(() => withoutConditions({ Conditions: unknown, Resources: { Key: { Condition: 'HasKey' } } })).toThrow(
      'not a constant condition',
    );
  });
});
