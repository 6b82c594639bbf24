import { expect, it } from 'vitest';
import type { Resource } from '../packaged.ts';
import { dev, ofType, production, propertiesOf, target } from './template.ts';

interface Limits {
  readonly ThrottlingBurstLimit: number;
  readonly ThrottlingRateLimit: number;
  readonly DetailedMetricsEnabled: boolean;
}

const { DefaultRouteSettings, RouteSettings } = propertiesOf('HttpApiStage') as {
  readonly DefaultRouteSettings: Limits;
  readonly RouteSettings: Readonly<Record<string, Omit<Limits, 'DetailedMetricsEnabled'>>>;
};

it('limits the form and link creation more than webhooks', () => {
  expect(Object.keys(RouteSettings)).toEqual(['POST /unsubscribe', 'POST /links']);
  for (const limits of Object.values(RouteSettings)) {
    expect(limits.ThrottlingRateLimit).toBeLessThan(DefaultRouteSettings.ThrottlingRateLimit);
    expect(limits.ThrottlingBurstLimit).toBeLessThan(DefaultRouteSettings.ThrottlingBurstLimit);
  }
});

it('counts requests that API Gateway throttled, using fields of its log', () => {
  const { LogGroupName, FilterPattern } = propertiesOf('ApiThrottled');
  const { AccessLogSettings } = propertiesOf('HttpApiStage');
  const logged: Readonly<Record<string, string>> = JSON.parse(String(AccessLogSettings?.Format));
  const [, status, functionMs] = /^\{ \$\.(\w+) = "429" && \$\.(\w+) = "-" \}$/.exec(String(FilterPattern)) ?? [];

  expect(LogGroupName).toEqual({ Ref: 'HttpApiLogGroup' });
  expect(target(AccessLogSettings?.DestinationArn)).toBe('HttpApiLogGroup');
  // API Gateway writes "-" if no function was called.
  expect([logged[`${status}`], logged[`${functionMs}`]]).toEqual(['$context.status', '$context.integrationLatency']);
});

it('does not enable paid metrics per route', () => {
  expect(DefaultRouteSettings.DetailedMetricsEnabled).toBe(false);
});

it('creates every route with its own limits before the stage, as API Gateway requires', () => {
  const routes = ofType('AWS::ApiGatewayV2::Route').filter(
    ([, { Properties }]) => String(Properties.RouteKey) in RouteSettings,
  );

  expect(routes).toHaveLength(Object.keys(RouteSettings).length);
  for (const [id] of routes) expect(dev.Resources.HttpApiStage?.DependsOn).toContain(id);
});

it('has a custom domain only if one is set, and never disables the default endpoint', () => {
  const { Domain, DomainMapping } = production.Resources;

  expect([Domain, DomainMapping].map((each?: Resource) => each?.Condition)).toEqual(['HasDomain', 'HasDomain']);
  expect(Domain?.Properties.DomainName).toBe('optout.example.com');
  expect(dev.Conditions.HasDomain).toEqual({ 'Fn::Not': [{ 'Fn::Equals': ['', ''] }] });
  expect(propertiesOf('HttpApi', production)).not.toHaveProperty('DisableExecuteApiEndpoint');
});
