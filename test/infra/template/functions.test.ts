import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { defaultPolicy } from '../../../functions/core/intake/policy.ts';
import { defaultLimits } from '../../../functions/core/intake/rate-limit.ts';
import { webhookRoutes } from '../../../functions/core/intake/webhook.ts';
import { linkRoutes } from '../../../functions/core/links/issue-links.ts';
import { pageRoutes } from '../../../functions/pages/routes.ts';
import { sources } from '../../../functions/sources/index.ts';
import { ROOT } from '../packaged.ts';
import {
  branches,
  codeOf,
  dev,
  functions,
  lambda,
  logicalId,
  ofType,
  production,
  target,
  variablesOf,
} from './template.ts';

it('deploys each file of functions/ with its own role, on the runtime that the bundles target', () => {
  const deployed = ofType('AWS::Lambda::Function').map(([id]) => id);

  expect(deployed.sort()).toEqual(functions.map((name) => `${logicalId(name)}LambdaFunction`).sort());
  for (const name of functions) {
    const role = { 'Fn::GetAtt': [`${logicalId(name)}Role`, 'Arn'] };
    expect(lambda(name)).toMatchObject({ Role: role, Runtime: 'nodejs24.x', Handler: 'index.handler' });
    expect(lambda(name)).toMatchObject({ Architectures: ['arm64'], TracingConfig: { Mode: 'Active' } });
  }
});

it.each(functions)('gives %s exactly the environment variables that its code reads', (name) => {
  const calls = codeOf(name).matchAll(/readEnvironment\(([^)]*)\)/g);
  const read = new Set([...calls].flatMap(([, names = '']) => [...names.matchAll(/'(\w+)'/g)].map(([, key]) => key)));

  expect(read.size).toBeGreaterThan(1);
  expect(Object.keys(variablesOf(name)).sort()).toEqual([...read].sort());
});

it('routes to each function exactly the routes that its code serves', () => {
  const never = () => Promise.reject(new Error('not called: only the route names are read'));
  const report = () => undefined;
  const secrets = { get: never, refresh: never };
  const sealer = { sealLink: never, unsealLink: never, sealStatusToken: never, unsealStatusToken: never };
  const served = {
    webhook: webhookRoutes([], {
      secrets,
      certificates: { get: never },
      policyOf: () => defaultPolicy,
      enqueue: never,
      confirmSubscription: never,
      report,
    }),
    unsubscribe: {
      ...pageRoutes({
        sealer,
        find: never,
        limits: defaultLimits,
        counters: { count: never, uncount: never },
        enqueue: never,
        report,
        themes: { common: {}, brands: {} },
        version: '',
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

it('sets PUBLIC_URL to the API endpoint, or to the domain if one is set', () => {
  const url = { 'Fn::If': ['HasDomain', 'https://optout.example.com', { 'Fn::GetAtt': ['HttpApi', 'ApiEndpoint'] }] };

  expect(variablesOf('webhook', production).PUBLIC_URL).toEqual(url);
  expect(branches(variablesOf('webhook').PUBLIC_URL)[1]).toEqual({ 'Fn::GetAtt': ['HttpApi', 'ApiEndpoint'] });
});

it('uses a separate metrics namespace for each stage', () => {
  for (const name of functions) {
    expect(variablesOf(name).POWERTOOLS_METRICS_NAMESPACE).toBe('OptOutRelay/dev');
    expect(variablesOf(name, production).POWERTOOLS_METRICS_NAMESPACE).toBe('OptOutRelay');
  }
});

it('limits the concurrency of the public functions only if publicConcurrency is set', () => {
  for (const name of ['webhook', 'unsubscribe']) {
    const { ReservedConcurrentExecutions } = lambda(name, production);
    expect(branches(ReservedConcurrentExecutions)).toEqual(['50', { Ref: 'AWS::NoValue' }]);
  }
  expect(dev.Conditions.HasCeiling).toEqual({ 'Fn::Not': [{ 'Fn::Equals': ['0', '0'] }] });
});

it.each([
  ['deliver', 'OptOutQueue'],
  ['bulk', 'BulkQueue'],
])('invokes %s with batches that may fail partially, at the concurrency that shares the rate', (name, queue) => {
  for (const from of [dev, production]) {
    const mappings = ofType('AWS::Lambda::EventSourceMapping', from).map(([, { Properties }]) => Properties);
    const concurrency = Number(variablesOf(name, from).DELIVER_CONCURRENCY);

    expect(concurrency).toBe(from === production ? 5 : 2);
    expect(mappings.filter(({ EventSourceArn }) => target(EventSourceArn) === queue)).toMatchObject([
      {
        BatchSize: 10,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ScalingConfig: { MaximumConcurrency: concurrency },
        Enabled: true,
      },
    ]);
  }
});

/**
 * The maximum size of the event that invokes a function.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const MAX_EVENT_BYTES = 6 * 1024 * 1024;
const OTHER_PARTS_BYTES = 32 * 1024;
const largeSources = sources.filter(({ maxBytes }) => maxBytes !== undefined);

it.each(largeSources)(
  'fits the largest body of $name into the event, in which its quotes are escaped',
  ({ name, maxBytes = 0 }) => {
    const fixtures = join(ROOT, 'test/sources/fixtures', name);
    const bodies = readdirSync(fixtures).filter((file) => file.endsWith('.body'));
    const factors = bodies.map((file) => {
      const body = readFileSync(join(fixtures, file), 'utf8');
      return Buffer.byteLength(JSON.stringify(body)) / Buffer.byteLength(body);
    });

    expect(factors.length).toBeGreaterThan(0);
    expect(Math.max(...factors) * maxBytes + OTHER_PARTS_BYTES).toBeLessThan(MAX_EVENT_BYTES);
  },
);
