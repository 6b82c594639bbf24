import { expect, it } from 'vitest';
import type { Resource } from '../packaged.ts';
import { dev, ofType, production, propertiesOf, target } from './reading.ts';

interface Limits {
  readonly ThrottlingBurstLimit: number;
  readonly ThrottlingRateLimit: number;
  readonly DetailedMetricsEnabled: boolean;
}

const { DefaultRouteSettings, RouteSettings } = propertiesOf('HttpApiStage') as {
  readonly DefaultRouteSettings: Limits;
  readonly RouteSettings: Readonly<Record<string, Omit<Limits, 'DetailedMetricsEnabled'>>>;
};

it('holds the form and the making of links to less than the webhooks', () => {
  expect(Object.keys(RouteSettings)).toEqual(['POST /unsubscribe', 'POST /links']);
  for (const limits of Object.values(RouteSettings)) {
    expect(limits.ThrottlingRateLimit).toBeLessThan(DefaultRouteSettings.ThrottlingRateLimit);
    expect(limits.ThrottlingBurstLimit).toBeLessThan(DefaultRouteSettings.ThrottlingBurstLimit);
  }
});

it('counts what it turns away by itself, by fields that its log has', () => {
  const { LogGroupName, FilterPattern } = propertiesOf('ApiThrottled');
  const { AccessLogSettings } = propertiesOf('HttpApiStage');
  const logged: Readonly<Record<string, string>> = JSON.parse(String(AccessLogSettings?.Format));
  const [, status, functionMs] = /^\{ \$\.(\w+) = "429" && \$\.(\w+) = "-" \}$/.exec(String(FilterPattern)) ?? [];

  expect(LogGroupName).toEqual({ Ref: 'HttpApiLogGroup' });
  expect(target(AccessLogSettings?.DestinationArn)).toBe('HttpApiLogGroup');
  // API Gateway writes "-" for what there is not: no function was called.
  expect([logged[`${status}`], logged[`${functionMs}`]]).toEqual(['$context.status', '$context.integrationLatency']);
});

it('pays for no metrics of each route, which nobody looks at', () => {
  expect(DefaultRouteSettings.DetailedMetricsEnabled).toBe(false);
});

it('makes every route that has limits of its own before the stage, which API Gateway wants', () => {
  const routes = ofType('AWS::ApiGatewayV2::Route').filter(
    ([, { Properties }]) => String(Properties.RouteKey) in RouteSettings,
  );

  expect(routes).toHaveLength(Object.keys(RouteSettings).length);
  for (const [id] of routes) expect(dev.Resources.HttpApiStage?.DependsOn).toContain(id);
});

it('has a domain of its own only where one is given, and never closes the other address', () => {
  const { Domain, DomainMapping } = production.Resources;

  expect([Domain, DomainMapping].map((each?: Resource) => each?.Condition)).toEqual(['HasDomain', 'HasDomain']);
  expect(Domain?.Properties.DomainName).toBe('optout.example.com');
  expect(dev.Conditions.HasDomain).toEqual({ 'Fn::Not': [{ 'Fn::Equals': ['', ''] }] });
  expect(propertiesOf('HttpApi', production)).not.toHaveProperty('DisableExecuteApiEndpoint');
});
