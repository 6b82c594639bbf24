import { Console } from 'node:console';
import process from 'node:process';
import { LogFormatter, Logger, LogItem } from '@aws-lambda-powertools/logger';
import type { LogAttributes, UnformattedAttributes } from '@aws-lambda-powertools/logger/types';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { RelayError } from '../core/errors.ts';
import type { Delivery, Failure, Named, RelayEvent, Report } from '../core/report.ts';

/** One JSON line per event and EMF metrics, both on stdout, where CloudWatch reads them. */
export function openReport(service: string): { readonly report: Report; readonly logger: Logger } {
  const logger = new Logger({ serviceName: service, logFormatter: new LineFormatter() });
  // Powertools would write warnings and errors to stderr.
  Object.defineProperty(logger, 'console', { value: new Console(process.stdout) });
  const metrics = new Metrics({ namespace: 'OptOutRelay', serviceName: service });
  const report: Report = (event) => {
    for (const { level = 'info', ...fields } of linesOf(event)) logger[level](event.event, fields);
    count(metrics, event);
  };
  return { report, logger };
}

/** Our field names instead of Powertools' snake case; nothing of the invocation but its id and whether it was cold. */
class LineFormatter extends LogFormatter {
  override formatAttributes(attributes: UnformattedAttributes, fields: LogAttributes): LogItem {
    const { logLevel, message, serviceName, timestamp, lambdaContext } = attributes;
    const base = { level: logLevel, timestamp: this.formatTimestamp(timestamp), service: serviceName, event: message };
    const invocation = { requestId: lambdaContext?.awsRequestId, coldStart: lambdaContext?.coldStart };
    return new LogItem({ attributes: { ...base, ...fields, ...invocation } });
  }
}

type Line = { readonly level?: 'info' | 'warn' | 'error' } & Record<string, unknown>;

function linesOf(event: RelayEvent): readonly Line[] {
  switch (event.event) {
    case 'optout.accepted':
      return event.optOuts.map(commandFields);
    case 'optout.delivered':
      return [{ ...commandFields(event.optOut), ...deliveryFields(event.delivery) }];
    case 'link.opened':
    case 'form.too_many':
      return [];
    case 'webhook.nothing_asked':
      return [{ source: event.source, count: event.count }];
    case 'webhook.unreadable':
      return [{ level: 'warn', source: event.source, reasons: event.reasons }];
    case 'webhook.refused':
      return [{ level: 'warn', source: event.source, reason: event.reason }];
    case 'request.failed':
      return [{ level: 'error', ...event.failure }];
    case 'delivery.failed':
      return [{ level: 'error', messageId: event.messageId, optOutId: event.optOutId, ...event.failure }];
    case 'ledger.forgotten':
      return [{ count: event.count }];
    case 'credentials.unusable':
      return [{ level: 'error', reason: event.reason }];
    case 'api_version.checked':
      return [{ version: event.version, daysLeft: event.daysLeft }];
    default:
      return event satisfies never;
  }
}

function commandFields({ id, source, kind }: Named): Line {
  return { optOutId: id, source, kind };
}

function deliveryFields({ outcome, ageMs, ...rest }: Delivery): Line {
  const { kind, ...known } = outcome;
  const level = kind === 'refused' ? 'error' : 'info';
  return { level, outcome: kind, ...known, ...rest, ageSeconds: Math.round(ageMs / 1000) };
}

type Metric = readonly [name: string, value: number, unit?: (typeof MetricUnit)[keyof typeof MetricUnit]];

const OUTCOME_METRICS = {
  confirmed: 'Confirmed',
  duplicate: 'Duplicate',
  superseded: 'Superseded',
  held: 'Held',
  refused: 'Refused',
  deferred: 'Deferred',
} as const;

function metricsOf(event: RelayEvent): readonly Metric[] {
  switch (event.event) {
    case 'optout.accepted':
      return [['Accepted', event.optOuts.length]];
    case 'optout.delivered':
      return deliveryMetrics(event.delivery);
    case 'link.opened':
      return [['LinkOpened', 1]];
    case 'form.too_many':
      return [['TooMany', 1]];
    case 'webhook.nothing_asked':
      return [['NothingAsked', event.count]];
    case 'webhook.unreadable':
      return [['Unreadable', event.reasons.length]];
    case 'webhook.refused':
      return [['Refused401', 1]];
    case 'credentials.unusable':
      return [['CredentialsRejected', 1]];
    case 'api_version.checked':
      return [['ApiVersionDaysLeft', event.daysLeft]];
    default:
      return [];
  }
}

function deliveryMetrics({ outcome, ageMs }: Delivery): readonly Metric[] {
  const status = 'status' in outcome ? outcome.status : undefined;
  const isConfirmed = outcome.kind === 'confirmed';
  return [
    [OUTCOME_METRICS[outcome.kind], 1],
    ...(isConfirmed ? [['TimeToConfirm', ageMs, MetricUnit.Milliseconds] as const] : []),
    ...(isConfirmed && !outcome.changed ? [['AlreadyOptedOut', 1] as const] : []),
    ...(status === 401 || status === 403 ? [['CredentialsRejected', 1] as const] : []),
    ...(status === 429 ? [['RateLimited', 1] as const] : []),
  ];
}

/** Every metric in two series: the service's, for the alarms, and the source's, for whoever wants to know which. */
function count(metrics: Metrics, event: RelayEvent): void {
  const some = metricsOf(event);
  if (some.length === 0) return;
  const source =
    event.event === 'optout.delivered' ? event.optOut.source : 'source' in event ? event.source : undefined;
  metrics.addDimensions({});
  if (source !== undefined) metrics.addDimensions({ source });
  for (const [name, value, unit = MetricUnit.Count] of some) metrics.addMetric(name, unit, value);
  metrics.publishStoredMetrics();
}

/** What may be said of an error: ours in full, another's by name and place alone, since its message may quote anything. */
export function failureOf(error: unknown): Failure {
  if (error instanceof RelayError) {
    const { stack } = error.cause instanceof RelayError ? {} : failureOf(error.cause);
    return { name: error.name, reason: error.message, status: error.status, ...(stack ? { stack } : {}) };
  }
  if (!(error instanceof Error)) return { name: 'unknown' };
  const frames = (error.stack ?? '')
    .replace(error.message, '')
    .split('\n')
    .filter((line) => /^ {4}at /.test(line));
  return { name: error.name, stack: frames.slice(0, 8).join('\n') };
}
