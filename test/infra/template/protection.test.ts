import { describe, expect, it } from 'vitest';
import { dev, ofType, production, propertiesOf, protections, staging, type Template } from './template.ts';

const STORES = ['SQS::Queue', 'DynamoDB::Table', 'SecretsManager::Secret', 'S3::Bucket'];

/** Everything that stores opt-outs, mail or secrets. The deployment bucket has only code, which `osls remove` deletes. */
function stores(from: Template) {
  const all = STORES.flatMap((type) => ofType(`AWS::${type}`, from));
  return all.filter(([id]) => id !== 'ServerlessDeploymentBucket');
}

it('is on for a stage that serverless.yml does not name, as for production', () => {
  expect(protections.staging).toEqual(protections.production);
  expect(stores(staging).map(([, { DeletionPolicy }]) => DeletionPolicy)).toEqual(
    stores(production).map(([, { DeletionPolicy }]) => DeletionPolicy),
  );
  expect(propertiesOf('Ledger', staging).DeletionProtectionEnabled).toBe(true);
  expect(staging.Resources).toHaveProperty('WebhookLambdaFunctionRollout');
});

describe('a protected stage', () => {
  it('keeps what stores opt-outs, mail and secrets when the stack is deleted or the resource is replaced', () => {
    expect(stores(production)).toHaveLength(11);
    for (const [id, { DeletionPolicy, UpdateReplacePolicy }] of stores(production)) {
      expect(['Retain', 'RetainExceptOnCreate'], id).toContain(DeletionPolicy);
      // CloudFormation does not accept RetainExceptOnCreate here.
      expect(UpdateReplacePolicy, id).toBe('Retain');
    }
  });

  it('deletes everything with a fixed name when the deployment that creates it fails, so that the next one can succeed', () => {
    const named = stores(production).filter(([, { Properties }]) => 'Name' in Properties || 'BucketName' in Properties);

    expect(named).toHaveLength(5);
    for (const [id, { DeletionPolicy }] of named) expect(DeletionPolicy, id).toBe('RetainExceptOnCreate');
    // The rollback could not delete it.
    expect(production.Resources.Ledger?.DeletionPolicy).toBe('Retain');
    expect(propertiesOf('Ledger', production)).toMatchObject({ DeletionProtectionEnabled: true });
    expect(propertiesOf('Ledger', production)).not.toHaveProperty('TableName');
  });

  it('cannot be removed as a whole', () => {
    expect(protections.production.deletionProtection).toBe(true);
  });

  it('cannot lose or replace its API or its domain in a deployment, for example one without the domain parameters', () => {
    const [allowed, denied, ...more] = protections.production.stackPolicy;

    expect(allowed).toMatchObject({ Effect: 'Allow', Resource: '*' });
    expect(denied).toMatchObject({
      Effect: 'Deny',
      Action: ['Update:Replace', 'Update:Delete'],
      Resource: ['LogicalResourceId/HttpApi', 'LogicalResourceId/Domain'],
    });
    expect(more).toEqual([]);
    expect(production.Resources).toMatchObject({ HttpApi: {}, Domain: {} });
  });
});

describe('the stage dev', () => {
  it('can be removed completely', () => {
    for (const [id, { DeletionPolicy, UpdateReplacePolicy }] of stores(dev)) {
      expect([DeletionPolicy, UpdateReplacePolicy], id).toEqual(['Delete', 'Delete']);
    }
    expect(propertiesOf('Ledger').DeletionProtectionEnabled).toBe(false);
    expect(protections.dev.deletionProtection).toBe(false);
    expect(JSON.stringify(protections.dev.stackPolicy)).not.toContain('Deny');
  });
});
