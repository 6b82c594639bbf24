import { readFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { tableOf } from '../cli/terminal/table.ts';

/**
 * List prices in US dollars, us-east-1, first tier without the free tier, as of November 2026.
 * @see https://aws.amazon.com/<service>/pricing/ with the service named after each price
 */
const PRICES = {
  httpRequest: 1.0 / 1e6, // api-gateway
  invocation: 0.2 / 1e6, // lambda
  gigabyteSecondOnArm: 0.0000133334, // lambda
  queueRequest: 0.4 / 1e6, // sqs
  writeUnit: 0.625 / 1e6, // dynamodb, on demand
  readUnit: 0.125 / 1e6, // dynamodb, on demand
  logByte: 0.5 / 1e9, // cloudwatch
  trace: 5.0 / 1e6, // cloudwatch, X-Ray
  secretMonth: 0.4, // secrets-manager
  alarmedMetricMonth: 0.1, // cloudwatch
  metricMonth: 0.3, // cloudwatch
  dashboardMonth: 3.0, // cloudwatch
};

const PACKAGED = '../.serverless/cloudformation-template-update-stack.json';

/** Values that are not in the template. The first four were measured with `npm run bench` and in the logs; the others are assumed. */
const { values: given } = parseArgs({
  options: {
    /** Milliseconds of one core for one event, warm. */
    'webhook-cpu-ms': { type: 'string', default: '2.4' },
    'deliver-cpu-ms': { type: 'string', default: '3.9' },
    /** All log lines of one opt-out, including Lambda's and API Gateway's. */
    'log-bytes': { type: 'string', default: '2200' },
    /** Size of a closed entry with its receipt, for an address of typical length. */
    'entry-bytes': { type: 'string', default: '980' },
    /** Response time of SQS and DynamoDB, and of HubSpot. */
    'aws-ms': { type: 'string', default: '10' },
    'hubspot-ms': { type: 'string', default: '300' },
    /** Lambda traces one request per second, and this percentage of the others. */
    'traced-percent': { type: 'string', default: '5' },
    /** Number of custom metrics: per function, and per sender in use. */
    metrics: { type: 'string', default: '30' },
    /** Number of metrics that an alarm's query matches: senders with failures. */
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
    readonly GlobalSecondaryIndexes?: readonly { readonly KeySchema: readonly { readonly AttributeName: string }[] }[];
  };
}

const { Resources }: { readonly Resources: Readonly<Record<string, Resource>> } = JSON.parse(
  readFileSync(given.template, 'utf8'),
);

type Row = readonly [what: string, usd: number];

const perMillion = perOptOut().map(([what, usd]): Row => [what, usd * 1e6]);
process.stdout.write(priced('US dollars for a million opt-outs', perMillion));
process.stdout.write(priced('US dollars a month, fixed', perMonth()));

/** Cost of a single opt-out: one request, and one invocation before and after the queue. Batches cost less per opt-out. */
function perOptOut(): readonly Row[] {
  const webhookMs = runtimeMs('Webhook', assumed('webhook-cpu-ms')) + assumed('aws-ms');
  const deliverMs = runtimeMs('Deliver', assumed('deliver-cpu-ms')) + 3 * assumed('aws-ms') + assumed('hubspot-ms');
  return [
    ['API Gateway: request', PRICES.httpRequest],
    [`Lambda: webhook, ${Math.round(webhookMs)} ms`, lambda('Webhook', webhookMs)],
    ['SQS: send, receive, delete', 3 * PRICES.queueRequest],
    [`Lambda: deliver, ${Math.round(deliverMs)} ms`, lambda('Deliver', deliverMs)],
    ['DynamoDB: claim and complete', unitsOfWrite() * PRICES.writeUnit],
    ['DynamoDB: tombstone check, one hash key', PRICES.readUnit],
    ['CloudWatch: logs', assumed('log-bytes') * PRICES.logByte],
    ['X-Ray: traces', (2 * assumed('traced-percent') * PRICES.trace) / 100],
  ];
}

function perMonth(): readonly Row[] {
  const alarms = ofType('AWS::CloudWatch::Alarm');
  const queries = alarms.filter(({ Metrics }) => Metrics).length;
  const alarmed = alarms.length + queries * (assumed('sources') - 1);
  // Lambda polls an empty queue with five pollers, 20 seconds each.
  const polls = (5 * 30 * 24 * 3600) / 20;
  return [
    ['Secrets Manager', ofType('AWS::SecretsManager::Secret').length * PRICES.secretMonth],
    ['CloudWatch: alarms', alarmed * PRICES.alarmedMetricMonth],
    ['CloudWatch: metrics', assumed('metrics') * PRICES.metricMonth],
    ['CloudWatch: dashboard', ofType('AWS::CloudWatch::Dashboard').length * PRICES.dashboardMonth],
    ['SQS: polling the empty queue', polls * PRICES.queueRequest],
  ];
}

/** Lambda allocates CPU in proportion to memory: one core at 1,769 MB. */
function runtimeMs(name: string, cpuMs: number): number {
  return (cpuMs * 1769) / memoryOf(name);
}

function lambda(name: string, ms: number): number {
  return PRICES.invocation + (memoryOf(name) / 1024) * (ms / 1000) * PRICES.gigabyteSecondOnArm;
}

function memoryOf(name: string): number {
  return Resources[`${name}LambdaFunction`]?.Properties.MemorySize ?? 128;
}

/** Two writes, each to the table and to every index whose key the entry has. A write unit is 1 KB, rounded up. */
function unitsOfWrite(): number {
  const [ledger] = ofType('AWS::DynamoDB::Table');
  const indexes = ledger?.GlobalSecondaryIndexes ?? [];
  const copies = 1 + indexes.filter(({ KeySchema }) => KeySchema[0]?.AttributeName !== 'contactId').length;
  return copies * (1 + Math.ceil(assumed('entry-bytes') / 1024));
}

function ofType(type: string): readonly Resource['Properties'][] {
  return Object.values(Resources).flatMap((resource) => (resource.Type === type ? [resource.Properties] : []));
}

function priced(title: string, rows: readonly Row[]): string {
  const sum: Row = ['total', rows.reduce((total, [, usd]) => total + usd, 0)];
  return tableOf({ head: ['', title], rows: [...rows, sum].map(([what, usd]) => [what, usd.toFixed(2).padStart(6)]) });
}
