import { describe, expect, it } from 'vitest';
import { GIVEN } from '../packaged.ts';
import type { Properties } from './template.ts';
import {
  branches,
  dev,
  functions,
  invoked,
  lambda,
  logicalId,
  ofType,
  production,
  propertiesOf,
  target,
  variablesOf,
} from './template.ts';

const queues = ofType('AWS::SQS::Queue');

describe('the queues', () => {
  it.each(queues)('keep messages for 14 days in %s, which has or is a dead-letter queue', (id, { Properties }) => {
    expect(Properties.MessageRetentionPeriod).toBe(1_209_600);
    expect(Properties.RedrivePolicy !== undefined || isDeadLetters(id)).toBe(true);
  });

  it('hide a message for at least six times the timeout of an attempt', () => {
    const mappings = ofType('AWS::Lambda::EventSourceMapping').map(([, { Properties }]) => Properties);

    expect(mappings).not.toEqual([]);
    for (const mapping of mappings) {
      const limitSeconds = Number(propertiesOf(invoked(mapping)).Timeout);
      const hiddenSeconds = Number(propertiesOf(String(target(mapping.EventSourceArn))).VisibilityTimeout);
      expect(hiddenSeconds).toBeGreaterThanOrEqual(6 * limitSeconds);
    }
  });

  it('retry for longer than the 48 hours allowed for an opt-out', () => {
    expect(propertiesOf('OptOutQueue').RedrivePolicy?.maxReceiveCount).toBe(1000);
  });

  it('give the deliver function more than the twelve seconds that its calls to HubSpot may take', () => {
    expect(Number(lambda('deliver').Timeout)).toBeGreaterThan(12);
  });
});

/** Whether a queue, a subscription, a rule or an asynchronous invocation uses it as its dead-letter queue. */
function isDeadLetters(id: string): boolean {
  const named = new RegExp(`"(?:deadLetterTargetArn|DeadLetterConfig|OnFailure)":[^}]*"${id}"`);
  return named.test(JSON.stringify(dev.Resources));
}

describe('the ledger', () => {
  it('defines exactly the attributes that its keys use', () => {
    const { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes } = propertiesOf('Ledger');
    const namesIn = (part: unknown) => [...JSON.stringify(part).matchAll(/"AttributeName":"(\w+)"/g)].map(([, n]) => n);

    const used = new Set([...namesIn(KeySchema), ...namesIn(GlobalSecondaryIndexes)]);
    expect([...used].sort()).toEqual(namesIn(AttributeDefinitions).sort());
  });

  it('has keys only in the indexes by recipient, so that closing an entry does not write to them', () => {
    const { GlobalSecondaryIndexes } = propertiesOf('Ledger');

    for (const IndexName of ['by-address', 'by-contact']) {
      expect(GlobalSecondaryIndexes).toContainEqual(
        expect.objectContaining({ IndexName, Projection: { ProjectionType: 'KEYS_ONLY' } }),
      );
    }
  });

  it('bills per request, supports point-in-time recovery and deletes entries at expiresAt', () => {
    expect(propertiesOf('Ledger')).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    });
  });

  it('keeps closed entries indefinitely, or for ledgerRetentionDays', () => {
    expect(variablesOf('deliver', production).LEDGER_RETENTION_DAYS).toBe(GIVEN.ledgerRetentionDays);
    expect(variablesOf('deliver').LEDGER_RETENTION_DAYS).toBe('');
  });
});

describe('the secrets', () => {
  it("have no value and a name that a function's environment has", () => {
    const secrets = ofType('AWS::SecretsManager::Secret').map(([, { Properties }]) => Properties);
    const named = functions.flatMap((name) =>
      Object.entries(variablesOf(name)).flatMap(([key, value]) => (key.endsWith('_SECRET') ? [value] : [])),
    );

    expect(new Set(named)).toEqual(new Set(secrets.map(({ Name }) => Name)));
    for (const from of [dev, production]) expect(JSON.stringify(from)).not.toMatch(/SecretString/);
  });
});

const KEYS: Readonly<Record<string, (properties: Properties) => unknown>> = {
  'AWS::SQS::Queue': ({ KmsMasterKeyId }) => KmsMasterKeyId,
  'AWS::DynamoDB::Table': ({ SSESpecification }) => (SSESpecification as Properties).KMSMasterKeyId,
  'AWS::SecretsManager::Secret': ({ KmsKeyId }) => KmsKeyId,
  'AWS::Logs::LogGroup': ({ KmsKeyId }) => KmsKeyId,
};

describe('the KMS key', () => {
  it.each(Object.entries(KEYS))("encrypts every %s if set; otherwise AWS's own key does", (type, keyOf) => {
    const [given, none] = ['arn:aws:kms:us-east-1:000000000000:key/example', { Ref: 'AWS::NoValue' }];

    expect(ofType(type, production)).not.toEqual([]);
    for (const [id, { Properties }] of ofType(type, production)) {
      expect(branches(keyOf(Properties)), id).toEqual([given, none]);
    }
  });

  it("switches off SQS's own encryption in every queue, which SQS does not combine with a key", () => {
    for (const [id, { Properties }] of queues)
      expect(branches(Properties.SqsManagedSseEnabled), id).toEqual([false, true]);
  });

  it('may be used by every function, only through the services that it encrypts', () => {
    const roles = propertiesOf('KeyPolicy', production).Roles as readonly unknown[];

    expect(roles.map(target).sort()).toEqual(functions.map((name) => `${logicalId(name)}Role`).sort());
    expect(JSON.stringify(propertiesOf('KeyPolicy', production))).toContain('kms:ViaService');
  });
});

describe('the logs', () => {
  it('expire after the configured number of days, in every log group', () => {
    for (const from of [dev, production]) {
      const groups = ofType('AWS::Logs::LogGroup', from).map(([, { Properties }]) => Properties.RetentionInDays);
      expect(groups).toEqual(Array(functions.length + 1).fill(from === production ? 365 : 30));
    }
  });

  it('contain neither the path, which has the token, nor the caller of a request', () => {
    const format = propertiesOf('HttpApiStage').AccessLogSettings?.Format ?? '';
    const words = ['requestId', 'routeKey', 'status', 'responseLatency', 'integrationLatency'];

    expect([...format.matchAll(/\$context\.([\w.]+)/g)].map(([, word]) => word).sort()).toEqual(words.sort());
    expect(() => JSON.parse(format)).not.toThrow();
  });
});
