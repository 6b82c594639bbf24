import { type Series, series } from './emitted.ts';
import { dev, ofType, propertiesOf, target } from './template.ts';

/** A metric that an alarm or a dashboard widget uses. */
export interface Watched {
  /** The alarm's logical id or the widget's title. */
  readonly by: string;
  readonly namespace: string;
  readonly name: string;
  /** Values by name; undefined values in a query over all of them. */
  readonly dimensions: Readonly<Record<string, unknown>>;
}

type Metric = Omit<Watched, 'by'>;

interface MetricProperties {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: unknown }[];
}

/** Returns the metrics of all alarms. */
export function alarmed(from = dev): readonly Watched[] {
  return ofType('AWS::CloudWatch::Alarm', from).flatMap(([by, { Properties }]) => {
    const queries = Properties.Metrics as readonly { readonly Expression: string }[] | undefined;
    if (queries) return queries.map(({ Expression }) => ({ by, ...queried(Expression, alarmQuery) }));
    const { Namespace: namespace, MetricName: name, Dimensions = [] } = Properties as unknown as MetricProperties;
    const dimensions = Object.fromEntries(Dimensions.map((each) => [each.Name, target(each.Value)]));
    return [{ by, namespace, name, dimensions }];
  });
}

/**
 * Metrics Insights. CloudWatch requires GROUP BY and ORDER BY for an alarm with a state per series.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Metrics_Insights_Alarm.html
 */
function alarmQuery({ namespace, name, dimensions }: Series): string {
  return `SELECT SUM(${name}) FROM SCHEMA("${namespace}", ${dimensions.join(', ')}) GROUP BY source ORDER BY SUM() DESC`;
}

function widgetSearch({ namespace, name, dimensions }: Series): string {
  return `SEARCH('{${namespace},${dimensions.join()}} MetricName="${name}"', 'Sum', 300)`;
}

/** Returns the emitted metric whose query is `expression`, or one without a name. */
function queried(expression: string, queryOf: (each: Series) => string): Metric {
  const bySource = series.filter(({ dimensions }) => dimensions.includes('source'));
  const found = bySource.find((each) => queryOf(each) === expression);
  const dimensions = Object.fromEntries((found?.dimensions ?? []).map((each) => [each, undefined]));
  return { namespace: found?.namespace ?? '', name: found?.name ?? '', dimensions };
}

interface Widget {
  readonly properties: { readonly title: string; readonly region: string; readonly metrics: readonly WidgetMetric[] };
}

type WidgetMetric = readonly (string | { readonly expression?: string })[];

export const widgets: readonly Widget[] = JSON.parse(dashboardBody()).widgets;

/** Returns the dashboard's JSON with each `${Name}` replaced by its name. */
function dashboardBody(): string {
  const { DashboardBody } = propertiesOf('Dashboard') as { readonly DashboardBody: { readonly 'Fn::Sub': string } };
  return DashboardBody['Fn::Sub'].replaceAll(/\$\{([^}]+)\}/g, '$1');
}

/** Returns the metrics of all dashboard widgets. */
export function shown(): readonly Watched[] {
  return widgets.flatMap(({ properties: { title, metrics } }) =>
    metrics.map((metric) => ({ by: title, ...readWidgetMetric(metric) })),
  );
}

function readWidgetMetric(metric: WidgetMetric): Metric {
  const [expression] = metric.flatMap((part) => (typeof part === 'object' && part.expression ? [part.expression] : []));
  if (expression !== undefined) return queried(expression, widgetSearch);
  const [namespace = '', name = '', ...rest] = metric.filter((part) => typeof part === 'string');
  const pairs = rest.flatMap((part, index) => (index % 2 === 0 ? [[part, rest[index + 1]]] : []));
  return { namespace, name, dimensions: Object.fromEntries(pairs) };
}
