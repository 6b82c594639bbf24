import { ofType, propertiesOf, target } from './reading.ts';

/** A metric that an alarm or a widget looks at. */
export interface Watched {
  readonly by: string;
  readonly namespace: string;
  readonly name: string;
  /** By name; a search, or a query, has no values. */
  readonly dimensions: Readonly<Record<string, unknown>>;
}

interface Metric {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: unknown }[];
}

/** Every metric of every alarm, and of every query in one. */
export function alarmed(): readonly Watched[] {
  return ofType('AWS::CloudWatch::Alarm').flatMap(([by, { Properties }]) => {
    const queries = Properties.Metrics as readonly { readonly Expression: string }[] | undefined;
    if (queries) return queries.map(({ Expression }) => ({ by, ...queried(Expression) }));
    const { Namespace: namespace, MetricName: name, Dimensions = [] } = Properties as unknown as Metric;
    return [
      {
        by,
        namespace,
        name,
        dimensions: Object.fromEntries(Dimensions.map((each) => [each.Name, target(each.Value)])),
      },
    ];
  });
}

/** For an alarm on each series of a query CloudWatch demands that it is grouped and sorted. */
const QUERY = /^SELECT \w+\((\w+)\) FROM SCHEMA\("([^"]+)", ([\w, ]+)\) GROUP BY (\w+) ORDER BY \w+\(\) DESC$/;

/** What a query of Metrics Insights looks at; nothing where it is not as above, or sorts by what it does not ask for. */
function queried(expression: string): Omit<Watched, 'by'> {
  const [, name = '', namespace = '', names = '', group = ''] = QUERY.exec(expression) ?? [];
  const dimensions = names.split(', ');
  if (!dimensions.includes(group)) return { namespace, name: '', dimensions: {} };
  return { namespace, name, dimensions: Object.fromEntries(dimensions.map((each) => [each, undefined])) };
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
