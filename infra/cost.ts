import { readFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { tableOf } from '../cli/terminal/table.ts';

/**
 * List prices in US dollars, us-east-1, the first tier of each and nothing free, as known in November 2026. They stand on
 * https://aws.amazon.com/<service>/pricing/ with the name behind each.
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

/** What the template does not say. The first four were measured, by `npm run bench` and in the logs; the others are assumed. */
const { values: given } = parseArgs({
  options: {
    /** Of one core, for one event, warm. */
    'webhook-cpu-ms': { type: 'string', default: '2.4' },
    'deliver-cpu-ms': { type: 'string', default: '3.9' },
    /** All lines about one opt-out, with Lambda's own and the API's. */
    'log-bytes': { type: 'string', default: '2200' },
    /** Of a closed entry with its receipt; a long address makes it more. */
    'entry-bytes': { type: 'string', default: '980' },
    /** Until an answer of SQS or DynamoDB, and of HubSpot. */
    'aws-ms': { type: 'string', default: '10' },
    'hubspot-ms': { type: 'string', default: '300' },
    /** Lambda samples one request a second and of the others so many of a hundred. */
    'traced-percent': { type: 'string', default: '5' },
    /** Series of our own: by function, and for each sender that is used. */
    metrics: { type: 'string', default: '30' },
    /** Of which a query of an alarm finds so many: a sender may fail in this way, or not. */
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
process.stdout.write(priced('US dollars a month, whatever comes', perMonth()));

/** An opt-out that comes alone: one request, one invocation on either side of the queue. In batches each costs less. */
function perOptOut(): readonly Row[] {
  const webhookMs = runtimeMs('Webhook', assumed('webhook-cpu-ms')) + assumed('aws-ms');
  const deliverMs = runtimeMs('Deliver', assumed('deliver-cpu-ms')) + 3 * assumed('aws-ms') + assumed('hubspot-ms');
  return [
    ['API Gateway: the request', PRICES.httpRequest],
    [`Lambda: webhook, ${Math.round(webhookMs)} ms`, lambda('Webhook', webhookMs)],
    ['SQS: sent, received, deleted', 3 * PRICES.queueRequest],
    [`Lambda: deliver, ${Math.round(deliverMs)} ms`, lambda('Deliver', deliverMs)],
    ['DynamoDB: opened and closed', unitsOfWrite() * PRICES.writeUnit],
    ['DynamoDB: whether it is to be forgotten, by one hash key', PRICES.readUnit],
    ['CloudWatch: logs', assumed('log-bytes') * PRICES.logByte],
    ['X-Ray: traces', (2 * assumed('traced-percent') * PRICES.trace) / 100],
  ];
}

function perMonth(): readonly Row[] {
  const alarms = ofType('AWS::CloudWatch::Alarm');
  const queries = alarms.filter(({ Metrics }) => Metrics).length;
  const alarmed = alarms.length + queries * (assumed('sources') - 1);
  // Lambda asks an empty queue with five pollers, each for twenty seconds.
  const polls = (5 * 30 * 24 * 3600) / 20;
  return [
    ['Secrets Manager', ofType('AWS::SecretsManager::Secret').length * PRICES.secretMonth],
    ['CloudWatch: alarms', alarmed * PRICES.alarmedMetricMonth],
    ['CloudWatch: metrics', assumed('metrics') * PRICES.metricMonth],
    ['CloudWatch: dashboard', ofType('AWS::CloudWatch::Dashboard').length * PRICES.dashboardMonth],
    ['SQS: the empty queue', polls * PRICES.queueRequest],
  ];
}

/** Lambda gives one core to 1,769 MB, and to less memory so much less of it. */
function runtimeMs(name: string, cpuMs: number): number {
  return (cpuMs * 1769) / memoryOf(name);
}

function lambda(name: string, ms: number): number {
  return PRICES.invocation + (memoryOf(name) / 1024) * (ms / 1000) * PRICES.gigabyteSecondOnArm;
}

function memoryOf(name: string): number {
  return Resources[`${name}LambdaFunction`]?.Properties.MemorySize ?? 128;
}

/** Twice written, each time to the table and to every index whose attribute it has; each kilobyte that is begun is a unit. */
function unitsOfWrite(): number {
  const [ledger] = ofType('AWS::DynamoDB::Table');
  const indexes = ledger?.GlobalSecondaryIndexes ?? [];
  const places = 1 + indexes.filter(({ KeySchema }) => KeySchema[0]?.AttributeName !== 'contactId').length;
  return places * (1 + Math.ceil(assumed('entry-bytes') / 1024));
}

function ofType(type: string): readonly Resource['Properties'][] {
  return Object.values(Resources).flatMap((resource) => (resource.Type === type ? [resource.Properties] : []));
}

function priced(title: string, rows: readonly Row[]): string {
  const sum: Row = ['together', rows.reduce((total, [, usd]) => total + usd, 0)];
  return tableOf({ head: ['', title], rows: [...rows, sum].map(([what, usd]) => [what, usd.toFixed(2).padStart(6)]) });
}
