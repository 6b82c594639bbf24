import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { defaultLimits } from '../../functions/core/limits.ts';
import { linkRoutes } from '../../functions/core/links.ts';
import { defaultPolicy } from '../../functions/core/policy.ts';
import { RUNS_PER_DAY } from '../../functions/core/sweep-look.ts';
import { webhookRoutes } from '../../functions/core/webhook.ts';
import { pageRoutes } from '../../functions/pages/routes.ts';
import { relayConfig } from '../../relay.config.ts';
import type { Properties, Resource, Template } from './packaged.ts';
import { packaged, ROOT } from './packaged.ts';

const topic = 'arn:aws:sns:us-east-1:000000000000:on-call';
const given = { publicUrl: 'https://optout.example.com', deliverConcurrency: '5', alarmTopic: topic };

const none: Template = { Conditions: {}, Resources: {} };
let template = none;
let production = none;

beforeAll(async () => {
  const params = Object.entries(given).map(([name, value]) => `--param=${name}=${value}`);
  [template = none, production = none] = await packaged([], ['--stage=production', ...params]);
}, 60_000);

const functions = readdirSync(join(ROOT, 'functions')).flatMap((file) =>
  file.endsWith('.ts') ? [basename(file, '.ts')] : [],
);

function ofType(type: string, from = template): (readonly [string, Resource])[] {
  return Object.entries(from.Resources).filter(([, resource]) => resource.Type === type);
}

function propertiesOf(id: string, from = template): Properties {
  return from.Resources[id]?.Properties ?? {};
}

function logicalId(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

function lambda(name: string, from = template): Properties {
  return propertiesOf(`${logicalId(name)}LambdaFunction`, from);
}

/** The resource that `{ Ref }` or `{ Fn::GetAtt }` names. */
function target(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('Ref' in value) return value.Ref;
  if ('Fn::Sub' in value) return String(value['Fn::Sub']).replaceAll(/\$\{(?:AWS::)?([\w.]+)\}/g, '<$1>');
  return 'Fn::GetAtt' in value && Array.isArray(value['Fn::GetAtt']) ? value['Fn::GetAtt'][0] : value;
}

function allowed(role: string): string[] {
  const statements = propertiesOf(role).Policies?.flatMap(({ PolicyDocument }) => PolicyDocument.Statement) ?? [];
  return statements.flatMap(({ Effect, Action, Resource, Condition }) => {
    const where = Condition === undefined ? '' : ` if ${JSON.stringify(Condition)}`;
    return [Action]
      .flat()
      .flatMap((action) => [Resource].flat().map((on) => `${Effect} ${action} ${target(on)}${where}`));
  });
}

describe('the functions', () => {
  it('are the files of functions/, each with a role of its own, on the runtime the bundles are made for', () => {
    const deployed = ofType('AWS::Lambda::Function').map(([id]) => id);

    expect(deployed.sort()).toEqual(functions.map((name) => `${logicalId(name)}LambdaFunction`).sort());
    for (const name of functions) {
      const role = { 'Fn::GetAtt': [`${logicalId(name)}Role`, 'Arn'] };
      expect(lambda(name)).toMatchObject({ Role: role, Runtime: 'nodejs24.x', Handler: 'index.handler' });
    }
    expect(ofType('AWS::IAM::Role')).toHaveLength(functions.length);
  });

  it.each(functions)('give %s exactly the variables that it reads', (name) => {
    const code = readFileSync(join(ROOT, 'functions', `${name}.ts`), 'utf8');
    const read = [...(/readEnvironment\(([^)]*)\)/.exec(code)?.[1] ?? '').matchAll(/'(\w+)'/g)].map(([, key]) => key);

    expect(read).not.toEqual([]);
    expect(Object.keys(lambda(name).Environment?.Variables ?? {}).sort()).toEqual(read.sort());
  });

  it('are asked for the routes that their code serves', () => {
    const never = () => Promise.reject(new Error('only the names of the routes are wanted'));
    const report = () => undefined;
    const secrets = { get: never, refresh: never };
    const sealing = { sealLink: never, openLink: never, sealReceipt: never, openReceipt: never };
    const served = {
      webhook: webhookRoutes([], {
        secrets,
        world: { certificate: never },
        policyOf: () => defaultPolicy,
        enqueue: never,
        confirmSubscription: never,
        report,
      }),
      unsubscribe: {
        ...pageRoutes({
          sealing,
          find: never,
          limits: defaultLimits,
          limit: never,
          enqueue: never,
          report,
          looks: { common: {}, brands: {} },
        }),
        ...linkRoutes({ keys: secrets, seal: never, report, brands: [] }),
      },
    };

    const routes = ofType('AWS::ApiGatewayV2::Route').map(([, { Properties }]) => Properties);
    for (const [name, keys] of Object.entries(served)) {
      const integration = { 'Fn::Join': ['/', ['integrations', { Ref: `HttpApiIntegration${logicalId(name)}` }]] };
      const own = routes.filter(({ Target }) => JSON.stringify(Target) === JSON.stringify(integration));
      expect(own.map(({ RouteKey }) => RouteKey).sort()).toEqual(Object.keys(keys).sort());
    }
    expect(routes).toHaveLength(Object.values(served).flatMap((keys) => Object.keys(keys)).length);
  });

  it('know the public origin: the API itself, or the one that is given', () => {
    const url = (from: Template) => lambda('webhook', from).Environment?.Variables.PUBLIC_URL;

    expect(url(template)).toEqual({ 'Fn::GetAtt': ['HttpApi', 'ApiEndpoint'] });
    expect(url(production)).toBe(given.publicUrl);
  });
});

const TRACES = ['Allow xray:PutTraceSegments *', 'Allow xray:PutTelemetryRecords *'];
const ROLES = {
  WebhookRole: [
    'Allow sqs:SendMessage OptOutQueue',
    'Allow secretsmanager:GetSecretValue SourcesSecret',
    'Allow sns:ConfirmSubscription arn:<Partition>:sns:*:<AccountId>:*',
    'Allow logs:CreateLogStream WebhookLogGroup',
    'Allow logs:PutLogEvents WebhookLogGroup',
    ...TRACES,
  ],
  UnsubscribeRole: [
    'Allow sqs:SendMessage OptOutQueue',
    'Allow dynamodb:GetItem Ledger',
    'Allow dynamodb:UpdateItem Ledger if {"ForAllValues:StringLike":{"dynamodb:LeadingKeys":["limit#*"]}}',
    'Allow secretsmanager:GetSecretValue LinksSecret',
    'Allow logs:CreateLogStream UnsubscribeLogGroup',
    'Allow logs:PutLogEvents UnsubscribeLogGroup',
    ...TRACES,
  ],
  DeliverRole: [
    'Allow sqs:ReceiveMessage OptOutQueue',
    'Allow sqs:DeleteMessage OptOutQueue',
    'Allow sqs:GetQueueAttributes OptOutQueue',
    'Allow sqs:ChangeMessageVisibility OptOutQueue',
    'Allow dynamodb:GetItem Ledger',
    'Allow dynamodb:UpdateItem Ledger',
    'Allow dynamodb:Query <Ledger.Arn>/index/by-address',
    'Allow dynamodb:Query <Ledger.Arn>/index/by-contact',
    'Allow secretsmanager:GetSecretValue HubSpotSecret',
    'Allow secretsmanager:GetSecretValue ReceiptsSecret',
    'Allow logs:CreateLogStream DeliverLogGroup',
    'Allow logs:PutLogEvents DeliverLogGroup',
    ...TRACES,
  ],
  SweepRole: [
    'Allow sqs:SendMessage OptOutQueue',
    'Allow dynamodb:GetItem Ledger',
    'Allow dynamodb:UpdateItem Ledger',
    'Allow dynamodb:Scan Ledger',
    'Allow dynamodb:Query <Ledger.Arn>/index/open-by-age',
    'Allow secretsmanager:GetSecretValue HubSpotSecret',
    'Allow secretsmanager:GetSecretValue ReceiptsSecret',
    'Allow logs:CreateLogStream SweepLogGroup',
    'Allow logs:PutLogEvents SweepLogGroup',
    ...TRACES,
  ],
};

describe('the roles', () => {
  it.each(Object.entries(ROLES))('let %s do exactly this, and nothing on everything but traces', (role, calls) => {
    expect(allowed(role).sort()).toEqual([...calls].sort());
  });

  it('can be taken by Lambda alone and hold no policy of AWS', () => {
    for (const [, { Properties }] of ofType('AWS::IAM::Role')) {
      expect(Properties).toMatchObject({
        AssumeRolePolicyDocument: { Statement: [{ Principal: { Service: 'lambda.amazonaws.com' } }] },
      });
      expect(Properties).not.toHaveProperty('ManagedPolicyArns');
    }
  });
});

describe('the queue', () => {
  it('hides a message for at least six times as long as an attempt may last', () => {
    const timeoutSeconds = Number(lambda('deliver').Timeout);

    expect(timeoutSeconds).toBeGreaterThan(12);
    expect(Number(propertiesOf('OptOutQueue').VisibilityTimeout)).toBeGreaterThanOrEqual(6 * timeoutSeconds);
  });

  it('keeps and encrypts for fourteen days, and hands what cannot be delivered to the dead letters', () => {
    for (const [, { Properties }] of ofType('AWS::SQS::Queue')) {
      expect(Properties).toMatchObject({ MessageRetentionPeriod: 1_209_600, SqsManagedSseEnabled: true });
    }
    const { RedrivePolicy } = propertiesOf('OptOutQueue');
    expect(RedrivePolicy?.maxReceiveCount).toBe(1000);
    expect(target(RedrivePolicy?.deadLetterTargetArn)).toBe('OptOutDeadLetters');
  });

  it('feeds the deliver function in batches that may fail in part, to as many as share the rate', () => {
    for (const from of [template, production]) {
      const [mapping] = ofType('AWS::Lambda::EventSourceMapping', from);
      const concurrency = Number(lambda('deliver', from).Environment?.Variables.DELIVER_CONCURRENCY);

      expect(target(mapping?.[1].Properties.EventSourceArn)).toBe('OptOutQueue');
      expect(mapping?.[1].Properties).toMatchObject({
        BatchSize: 10,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ScalingConfig: { MaximumConcurrency: concurrency },
        Enabled: true,
      });
      expect(concurrency).toBe(from === production ? 5 : 2);
    }
  });
});

describe('the sweep', () => {
  it('runs as often as its share of HubSpot is reckoned for, one run at a time, and is not repeated', () => {
    const [rule] = ofType('AWS::Events::Rule');
    const minutes = 1440 / RUNS_PER_DAY;

    expect(rule?.[1].Properties).toMatchObject({ ScheduleExpression: `rate(${minutes} minutes)`, State: 'ENABLED' });
    expect(JSON.stringify(rule)).toContain('SweepLambdaFunction');
    expect(lambda('sweep').ReservedConcurrentExecutions).toBe(1);
    expect(Number(lambda('sweep').Timeout)).toBeLessThan(minutes * 60);
    const [once] = ofType('AWS::Lambda::EventInvokeConfig');
    expect(once?.[1].Properties).toMatchObject({ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 });
  });

  it('rings by the limits of the configuration, and when it says nothing', () => {
    const { warnAfterHours, pageAfterHours } = relayConfig.clock;
    const clock = { MetricName: 'OldestOpenAge', Dimensions: [{ Name: 'service', Value: 'sweep' }] };

    expect(propertiesOf('OldestOpenWarningAlarm')).toMatchObject({ ...clock, Threshold: warnAfterHours * 3600 });
    expect(propertiesOf('OldestOpenPageAlarm')).toMatchObject({ ...clock, Threshold: pageAfterHours * 3600 });
    expect(propertiesOf('SweepSilentAlarm')).toMatchObject({ ...clock, TreatMissingData: 'breaching' });
    expect(propertiesOf('DriftAlarm')).toMatchObject({ MetricName: 'Drift', Threshold: 0 });
    expect(target((propertiesOf('SweepFailingAlarm').Dimensions as { Value: unknown }[])[0]?.Value)).toBe(
      'SweepLambdaFunction',
    );
  });
});

describe('what is kept', () => {
  it('holds no secret: each has a name that its function is told, and no value', () => {
    const names = ofType('AWS::SecretsManager::Secret').map(([, { Properties }]) => Properties.Name);
    const told = functions.flatMap((name) =>
      Object.entries(lambda(name).Environment?.Variables ?? {}).flatMap(([key, value]) =>
        key.endsWith('_SECRET') ? [value] : [],
      ),
    );

    expect([...new Set(told)].sort()).toEqual(names.sort());
    expect(JSON.stringify(template)).not.toMatch(/SecretString/);
  });

  it('keys the ledger by attributes that it defines, and defines no others', () => {
    const { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes } = propertiesOf('Ledger');
    const namesIn = (part: unknown) => [...JSON.stringify(part).matchAll(/"AttributeName":"(\w+)"/g)].map(([, n]) => n);

    const used = new Set([...namesIn(KeySchema), ...namesIn(GlobalSecondaryIndexes)]);
    expect([...used].sort()).toEqual(namesIn(AttributeDefinitions).sort());
    expect(propertiesOf('Ledger')).toMatchObject({
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    });
  });

  it('outlives the stack in production', () => {
    const kept = ['AWS::SQS::Queue', 'AWS::DynamoDB::Table', 'AWS::SecretsManager::Secret'];
    for (const [, { DeletionPolicy }] of kept.flatMap((type) => ofType(type, production))) {
      expect(DeletionPolicy).toBe('Retain');
    }
    expect(propertiesOf('Ledger', production).DeletionProtectionEnabled).toBe(true);
  });

  it('forgets every log after a while', () => {
    const groups = ofType('AWS::Logs::LogGroup').map(([, { Properties }]) => Properties);

    expect(groups).toHaveLength(functions.length + 1);
    for (const { RetentionInDays } of groups) expect(RetentionInDays).toBe(30);
  });

  it('logs of a request neither the path, which holds the token, nor who made it', () => {
    const format = propertiesOf('HttpApiStage').AccessLogSettings?.Format ?? '';
    const words = ['requestId', 'routeKey', 'status', 'responseLatency', 'integrationLatency'];

    expect([...format.matchAll(/\$context\.([\w.]+)/g)].map(([, word]) => word).sort()).toEqual(words.sort());
    expect(() => JSON.parse(format)).not.toThrow();
  });
});

describe('the alarms', () => {
  it('tell somebody when a topic is given, and only show otherwise', () => {
    const isGiven = (arn: string) => ({ 'Fn::Not': [{ 'Fn::Equals': [arn, ''] }] });
    expect(template.Conditions.HasAlarmTopic).toEqual(isGiven(''));
    expect(production.Conditions.HasAlarmTopic).toEqual(isGiven(topic));

    const alarms = ofType('AWS::CloudWatch::Alarm', production);
    expect(alarms.length).toBeGreaterThan(0);
    for (const [, { Properties }] of alarms) {
      expect(Properties.AlarmActions).toEqual({ 'Fn::If': ['HasAlarmTopic', [topic], { Ref: 'AWS::NoValue' }] });
    }
  });
});

describe('the template', () => {
  it('refers to nothing that is not in it, and to nothing in a circle', () => {
    const needs = new Map(Object.entries(template.Resources).map(([id, resource]) => [id, referencesIn(resource)]));

    const done = new Set<string>();
    const visit = (id: string, path: readonly string[]): void => {
      expect([...needs.keys()], path.join(' → ')).toContain(id);
      expect(path).not.toContain(id);
      if (!done.has(id)) for (const next of needs.get(id) ?? []) visit(next, [...path, id]);
      done.add(id);
    };
    for (const id of needs.keys()) visit(id, []);
  });
});

/** What CloudFormation would make first. */
function referencesIn(resource: Resource): string[] {
  const found = [resource.DependsOn ?? []].flat();
  JSON.stringify(resource, (key, value: unknown) => {
    if (key === 'Ref' && typeof value === 'string' && !value.startsWith('AWS::')) found.push(value);
    if (key === 'Fn::Sub') found.push(...[...String(value).matchAll(/\$\{(\w+)[.}]/g)].map(([, id = '']) => id));
    if (key === 'Fn::GetAtt' && Array.isArray(value)) found.push(String(value[0]));
    return value;
  });
  return found;
}
