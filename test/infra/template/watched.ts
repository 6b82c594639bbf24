import type { Properties } from './reading.ts';
import { ofType, propertiesOf, target } from './reading.ts';

/** A metric that an alarm or a widget looks at. */
export interface Watched {
  readonly by: string;
  readonly namespace: string;
  readonly name: string;
  /** By name; a search has no values. */
  readonly dimensions: Readonly<Record<string, unknown>>;
}

interface Metric {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: readonly { readonly Name: string; readonly Value: unknown }[];
}

/** Every metric of every alarm, and of every expression in one. */
export function alarmed(): readonly Watched[] {
  return ofType('AWS::CloudWatch::Alarm').flatMap(([id, { Properties }]) =>
    metricsOf(Properties).map((metric) => ({
      by: id,
      namespace: metric.Namespace,
      name: metric.MetricName,
      dimensions: Object.fromEntries(metric.Dimensions.map(({ Name, Value }) => [Name, target(Value)])),
    })),
  );
}

function metricsOf(properties: Properties): readonly Metric[] {
  if (!properties.Metrics) return [properties as unknown as Metric];
  const parts = properties.Metrics as readonly { readonly MetricStat?: { readonly Metric: Metric } }[];
  return parts.flatMap(({ MetricStat }) => (MetricStat ? [MetricStat.Metric] : []));
}

interface Widget {
  readonly properties: { readonly title: string; readonly region: string; readonly metrics: readonly Entry[] };
}

type Entry = readonly (string | { readonly expression?: string })[];

export const widgets: readonly Widget[] = JSON.parse(dashboard()).widgets;

/** The text that CloudFormation makes of it: what is named in braces keeps its name. */
function dashboard(): string {
  const { DashboardBody } = propertiesOf('Dashboard') as { readonly DashboardBody: { readonly 'Fn::Sub': string } };
  return DashboardBody['Fn::Sub'].replaceAll(/\$\{([^}]+)\}/g, '$1');
}

/** Every metric of every widget. */
export function shown(): readonly Watched[] {
  return widgets.flatMap(({ properties: { title, metrics } }) => metrics.map((entry) => readEntry(title, entry)));
}

const SEARCH = /^SEARCH\('\{([^,}]+),([\w,]+)\} MetricName="(\w+)"', '\w+', \d+\)$/;

function readEntry(by: string, entry: Entry): Watched {
  const [namespace = '', name = '', ...rest] = entry.filter((part) => typeof part === 'string');
  const [expression] = entry.flatMap((part) => (typeof part === 'object' && part.expression ? [part.expression] : []));
  if (expression === undefined) {
    const pairs = rest.flatMap((part, index) => (index % 2 === 0 ? [[part, rest[index + 1]]] : []));
    return { by, namespace, name, dimensions: Object.fromEntries(pairs) };
  }
  const [, searched = '', names = '', metric = ''] = SEARCH.exec(expression) ?? [];
  const dimensions = Object.fromEntries(names.split(',').map((each) => [each, undefined]));
  return { by, namespace: searched, name: metric, dimensions };
}
