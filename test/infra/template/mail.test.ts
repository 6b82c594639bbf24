import { expect, it } from 'vitest';
import { GIVEN } from '../packaged.ts';
import { branches, dev, lambda, ofType, production, propertiesOf, target } from './template.ts';

const condition = (name: string) => [dev.Conditions[name], production.Conditions[name]];
const isEmpty = (text: string) => ({ 'Fn::Equals': [text, ''] });

it('is received only if mailDomain is set', () => {
  const [[, rule] = []] = ofType('AWS::SES::ReceiptRule', production);

  expect(condition('ReceivesMail')).toEqual([{ 'Fn::Not': [isEmpty('')] }, { 'Fn::Not': [isEmpty(GIVEN.mailDomain)] }]);
  expect(rule?.Condition).toBe('ReceivesMail');
  expect(rule?.Properties.Rule).toMatchObject({
    Recipients: [GIVEN.mailDomain],
    Actions: [{ S3Action: { BucketName: { Ref: 'MailBucket' }, ObjectKeyPrefix: 'mail/' } }],
  });
});

it('has its rule in mailRuleSet, or in its own rule set', () => {
  const both = (own: string) => ({ 'Fn::And': [{ Condition: 'ReceivesMail' }, isEmpty(own)] });
  const { RuleSetName } = propertiesOf('MailRule', production);

  expect(condition('HasOwnRuleSet')).toEqual([both(''), both(GIVEN.mailRuleSet)]);
  expect(branches(RuleSetName)).toEqual([{ Ref: 'MailRuleSet' }, GIVEN.mailRuleSet]);
  expect(production.Resources.MailRuleSet?.Condition).toBe('HasOwnRuleSet');
});

it('is private, encrypted and deleted after 14 days', () => {
  const [encryption] = (propertiesOf('MailBucket', production).BucketEncryption as Encryption)
    .ServerSideEncryptionConfiguration;
  const { SSEAlgorithm, KMSMasterKeyID } = encryption.ServerSideEncryptionByDefault;

  expect([branches(SSEAlgorithm), branches(KMSMasterKeyID)[0]]).toEqual([['aws:kms', 'AES256'], GIVEN.kmsKey]);
  expect(propertiesOf('MailBucket')).toMatchObject({
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    },
    LifecycleConfiguration: { Rules: [{ Status: 'Enabled', ExpirationInDays: 14 }] },
  });
});

interface Encryption {
  readonly ServerSideEncryptionConfiguration: readonly [
    { readonly ServerSideEncryptionByDefault: Readonly<Record<'SSEAlgorithm' | 'KMSMasterKeyID', unknown>> },
  ];
}

it('is stored only by SES for this account, and only with TLS', () => {
  const folder = { 'Fn::Sub': expect.stringContaining('MailBucket.Arn}/mail/*') };

  expect(propertiesOf('MailBucketPolicy').PolicyDocument?.Statement).toMatchObject([
    { Effect: 'Deny', Principal: '*', Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
    {
      Effect: 'Allow',
      Principal: { Service: 'ses.amazonaws.com' },
      Action: 's3:PutObject',
      Resource: folder,
      Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } }, ArnLike: expect.anything() },
    },
  ]);
  expect(production.Resources.MailRule?.DependsOn).toEqual(['MailBucketPolicy']);
});

it("invokes the mailbox function, through its alias, with S3's permission created first", () => {
  const { DependsOn, Properties } = production.Resources.MailBucket ?? {};
  const permission = propertiesOf('MailboxPermission', production);
  const alias = { Ref: 'MailboxLambdaFunctionAlias' };

  expect(DependsOn).toEqual(['MailboxPermission']);
  expect(Properties?.NotificationConfiguration).toEqual({
    LambdaConfigurations: [
      {
        Event: 's3:ObjectCreated:*',
        Function: alias,
        Filter: { S3Key: { Rules: [{ Name: 'prefix', Value: 'mail/' }] } },
      },
    ],
  });
  expect(permission).toMatchObject({ FunctionName: alias, Principal: 's3.amazonaws.com' });
  expect(target(permission.SourceArn)).toBe(`arn:<Partition>:s3:::${target(Properties?.BucketName)}`);
});

it('that failed goes to the dead-letter queue, and is read again one at a time when an operator enables it', () => {
  const deadLetters = { 'Fn::GetAtt': ['MailDeadLetters', 'Arn'] };

  expect(lambda('mailbox')).toMatchObject({ DeadLetterConfig: { TargetArn: deadLetters } });
  expect(propertiesOf('MailRedrive')).toMatchObject({
    EventSourceArn: deadLetters,
    FunctionName: { Ref: 'MailboxLambdaFunctionAlias' },
    BatchSize: 1,
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    Enabled: false,
  });
});
