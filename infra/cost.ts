import { readFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { tableOf } from '../cli/terminal/table.ts';

/**
 * List prices in US dollars, us-east-1, first tier without the free tier, as of November 2026.
 *
 * @see https://aws.amazon.com/api-gateway/pricing/
 * @see https://aws.amazon.com/lambda/pricing/
 * @see https://aws.amazon.com/sqs/pricing/
 * @see https://aws.amazon.com/dynamodb/pricing/on-demand/
 * @see https://aws.amazon.com/cloudwatch/pricing/ for logs, metrics, alarms, dashboards
 * @see https://aws.amazon.com/xray/pricing/
 * @see https://aws.amazon.com/secrets-manager/pricing/
 */
const PRICES = {
  httpRequest: 1.0 / 1e6,
  invocation: 0.2 / 1e6,
  gigabyteSecondOnArm: 0.0000133334,
  queueRequest: 0.4 / 1e6,
  writeUnit: 0.625 / 1e6,
  readUnit: 0.125 / 1e6,
  logByte: 0.5 / 1e9,
  trace: 5.0 / 1e6,
  secretMonth: 0.4,
  alarmedMetricMonth: 0.1,
  compositeAlarmMonth: 0.5,
  metricMonth: 0.3,
  dashboardMonth: 3.0,
};

/**
 * HubSpot's calls per ten seconds by tier, and the opt-outs of one call.
 * @see https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines, as of November 2026
 */
const TIERS = [
  { name: 'Free, Starter', per10Seconds: 100, batchSize: 1 },
  { name: 'Professional', per10Seconds: 190, batchSize: 1 },
  { name: 'Enterprise', per10Seconds: 190, batchSize: 1 },
  { name: 'hubspotBatch', per10Seconds: 190, batchSize: 100 },
];

/**
 * Custom metrics that the functions publish at most: of functions, and for each source, whose signals one function takes in, deliver
 * carries and the sweep checks. Strangers cannot add one: an unknown source has none, and those without a secret share the last.
 * Faults have another one for each version that fails, which is not counted. A test compares these numbers with the functions.
 */
const SERIES = { functions: 54, perSource: 23, withoutSecret: 1 };

const PACKAGED = '../.serverless/cloudformation-template-update-stack.json';

/**
 * Values that are not in the template. The first four were measured with `npm run bench`, in the logs and in the ledger; the others
 * are assumed.
 */
const { values: given } = parseArgs({
  options: {
    /** Milliseconds of one core for one event, warm. */
    'webhook-cpu-ms': { type: 'string', default: '2.4' },
    'deliver-cpu-ms': { type: 'string', default: '3.9' },
    /** All log lines of one opt-out, including Lambda's and API Gateway's. */
    'log-bytes': { type: 'string', default: '2200' },
    /** Size of a closed entry with its receipt, for an address of 24 characters. Above 1,024, closing takes two write units. */
    'entry-bytes': { type: 'string', default: '1013' },
    /** Lines of one invocation that Lambda writes: START, END, REPORT. */
    'invocation-log-bytes': { type: 'string', default: '400' },
    /** Response time of SQS and DynamoDB, and of HubSpot. */
    'aws-ms': { type: 'string', default: '10' },
    'hubspot-ms': { type: 'string', default: '300' },
    /** Lambda traces one request per second, and this percentage of the others. */
    'traced-percent': { type: 'string', default: '5' },
    /** Number of custom metrics with data. CloudWatch bills a metric for the hours in which it has any. */
    metrics: { type: 'string', default: '30' },
    /** Number of sources in use: senders, the form, links, mail, events. An alarm's query matches those with failures. */
    sources: { type: 'string', default: '3' },
    template: { type: 'string', default: fileURLToPath(new URL(PACKAGED, import.meta.url)) },
  },
});
const assumed = (name: keyof typeof given): number => Number(given[name]);

interface Resource {
  readonly Type: string;
  readonly Properties: {
    readonly MemorySize?: number;
    readonly Metrics?: readonly unknown[];
    readonly FunctionName?: unknown;
    readonly Enabled?: unknown;
    readonly BatchSize?: number;
    readonly ScalingConfig?: { readonly MaximumConcurrency: number };
    readonly GlobalSecondaryIndexes?: readonly {
      readonly KeySchema: readonly { readonly AttributeName: string }[];
      readonly Projection: { readonly ProjectionType: string };
    }[];
  };
}

const { Resources }: { readonly Resources: Readonly<Record<string, Resource>> } = JSON.parse(
  readFileSync(given.template, 'utf8'),
);

type Row = readonly [what: string, ...usd: number[]];

const loads = [{ name: 'one at a time', load: single() }, ...TIERS.map((tier) => ({ ...tier, load: backlog(tier) }))];
const perMillion = loads.map(({ load }) => perOptOut(load).map(([what, usd = 0]): Row => [what, usd * 1e6]));
const items = (perMillion[0] ?? []).map(([what], at): Row => [what, ...perMillion.map((rows) => rows[at]?.[1] ?? 0)]);
process.stdout.write(priced(['US dollars per million opt-outs', ...loads.map(({ name }) => name)], items));
process.stdout.write(
  "One at a time: a request, and an invocation before and after the queue. The others: a full queue, at a tier's limit.\n",
);
process.stdout.write(priced(['US dollars a month, fixed', 'any tier'], perMonth()));
process.stdout.write(`${metricsAtMost(assumed('sources'))}\n`);

/** How the opt-outs reach `deliver`. */
interface Load {
  /** Messages of one invocation of `deliver`. */
  readonly messages: number;
  /** Time of `deliver` per opt-out, of all instances together. */
  readonly deliverMs: number;
}

function single(): Load {
  const waitMs = 3 * assumed('aws-ms') + assumed('hubspot-ms');
  return { messages: 1, deliverMs: runtimeMs('Deliver', assumed('deliver-cpu-ms')) + waitMs };
}

/** Each instance works without a pause: at its share of the limit, or as fast as its CPU and the response times allow. */
function backlog({ per10Seconds, batchSize }: (typeof TIERS)[number]): Load {
  const { BatchSize, instances } = deliverMapping();
  const messages = batchSize > 1 ? batchSize : BatchSize;
  const windowMs = batchSize > 1 ? 1000 : 0;
  const waitMs = (3 * assumed('aws-ms') + assumed('hubspot-ms') + windowMs) / messages;
  const slotMs = (instances * 10_000) / (per10Seconds * batchSize);
  return { messages, deliverMs: Math.max(slotMs, runtimeMs('Deliver', assumed('deliver-cpu-ms')) + waitMs) };
}

function deliverMapping() {
  const mapping = ofType('AWS::Lambda::EventSourceMapping').find(({ FunctionName }) =>
    JSON.stringify(FunctionName ?? '').includes('DeliverLambdaFunction'),
  );
  return { BatchSize: mapping?.BatchSize ?? 1, instances: mapping?.ScalingConfig?.MaximumConcurrency ?? 1 };
}

/** Cost of an opt-out that arrives by a request of its own. */
function perOptOut({ messages, deliverMs }: Load): readonly Row[] {
  const webhookMs = runtimeMs('Webhook', assumed('webhook-cpu-ms')) + assumed('aws-ms');
  // SQS receives and deletes up to ten messages in one request.
  const perRequest = Math.min(10, messages);
  const logBytes = assumed('log-bytes') - assumed('invocation-log-bytes') * (1 - 1 / messages);
  return [
    ['API Gateway: request', PRICES.httpRequest],
    ['Lambda: webhook', PRICES.invocation + lambda('Webhook', webhookMs)],
    ['SQS: send, receive, delete', (1 + 2 / perRequest) * PRICES.queueRequest],
    ['Lambda: deliver', PRICES.invocation / messages + lambda('Deliver', deliverMs)],
    ['DynamoDB: claim and complete', unitsOfWrite() * PRICES.writeUnit],
    ['DynamoDB: tombstone check, one hash key', PRICES.readUnit],
    ['CloudWatch: logs', logBytes * PRICES.logByte],
    ['X-Ray: traces', ((1 + 1 / messages) * assumed('traced-percent') * PRICES.trace) / 100],
  ];
}

function perMonth(): readonly Row[] {
  const alarms = ofType('AWS::CloudWatch::Alarm');
  const queries = alarms.filter(({ Metrics }) => Metrics).length;
  const alarmed = alarms.length + queries * Math.max(0, assumed('sources') - 1);
  const composite = ofType('AWS::CloudWatch::CompositeAlarm').length;
  // Lambda polls each empty queue with five pollers, 20 seconds each. A mapping that redrives dead letters is off.
  const polled = ofType('AWS::Lambda::EventSourceMapping').filter(({ Enabled }) => Enabled !== false);
  const polls = (polled.length * 5 * 30 * 24 * 3600) / 20;
  return [
    ['Secrets Manager', ofType('AWS::SecretsManager::Secret').length * PRICES.secretMonth],
    ['CloudWatch: alarms', alarmed * PRICES.alarmedMetricMonth + composite * PRICES.compositeAlarmMonth],
    ['CloudWatch: metrics', assumed('metrics') * PRICES.metricMonth],
    ['CloudWatch: dashboard', ofType('AWS::CloudWatch::Dashboard').length * PRICES.dashboardMonth],
    ['SQS: polling the empty queues', polls * PRICES.queueRequest],
  ];
}

function metricsAtMost(sources: number): string {
  const most = SERIES.functions + SERIES.perSource * sources + SERIES.withoutSecret;
  const usd = (most * PRICES.metricMonth).toFixed(2);
  return `Custom metrics with ${sources} sources: at most ${most}, ${SERIES.perSource} per source. US dollars a month with data in every hour: ${usd}.`;
}

/** Lambda allocates CPU in proportion to memory: one core at 1,769 MB. */
function runtimeMs(name: string, cpuMs: number): number {
  return (cpuMs * 1769) / memoryOf(name);
}

function lambda(name: string, ms: number): number {
  return (memoryOf(name) / 1024) * (ms / 1000) * PRICES.gigabyteSecondOnArm;
}

function memoryOf(name: string): number {
  return Resources[`${name}LambdaFunction`]?.Properties.MemorySize ?? 128;
}

/**
 * Claiming writes the table and every index whose key the entry then has. Completing writes the table, removes the entry from the
 * index of unfinished ones, and writes the indexes that have more than keys. A write unit is 1 KB, rounded up.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations.Writes
 */
function unitsOfWrite(): number {
  const [ledger] = ofType('AWS::DynamoDB::Table');
  const closedUnits = Math.ceil(assumed('entry-bytes') / 1024);
  const ofIndexes = (ledger?.GlobalSecondaryIndexes ?? []).map(({ KeySchema, Projection }) => {
    const key = KeySchema[0]?.AttributeName;
    if (key === 'contactId') return 0;
    if (key === 'unfinished') return 2;
    return Projection.ProjectionType === 'KEYS_ONLY' ? 1 : 1 + closedUnits;
  });
  return ofIndexes.reduce((sum, units) => sum + units, 1 + closedUnits);
}

function ofType(type: string): readonly Resource['Properties'][] {
  return Object.values(Resources).flatMap((resource) => (resource.Type === type ? [resource.Properties] : []));
}

function priced([title = '', ...columns]: readonly string[], rows: readonly Row[]): string {
  const totals = columns.map((_column, at) => rows.reduce((total, row) => total + Number(row[at + 1]), 0));
  const cells = [...rows, ['total', ...totals] as const].map(([what, ...usd]) => [
    what,
    ...usd.map((each) => each.toFixed(2).padStart(6)),
  ]);
  return tableOf({ head: [title, ...columns], rows: cells, columns: 140 });
}
