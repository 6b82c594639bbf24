import { Console } from 'node:console';
import process from 'node:process';
import { LogFormatter, Logger, LogItem } from '@aws-lambda-powertools/logger';
import type { LogAttributes, UnformattedAttributes } from '@aws-lambda-powertools/logger/types';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { readEnvironment } from '../config/environment.ts';
import { RelayError } from '../core/model/errors.ts';
import type { Delivery, Failure, OptOutRef, RelayEvent, Report } from '../core/model/telemetry.ts';
import { metricsOf } from './metrics.ts';

/** One JSON line per event and EMF metrics, both on stdout, where CloudWatch reads them. */
export function createReport(service: string): { readonly report: Report; readonly logger: Logger } {
  const logger = new Logger({ serviceName: service, logFormatter: new LineFormatter() });
  // Powertools would write warnings and errors to stderr.
  Object.defineProperty(logger, 'console', { value: new Console(process.stdout) });
  const { POWERTOOLS_METRICS_NAMESPACE: namespace } = readEnvironment('POWERTOOLS_METRICS_NAMESPACE');
  const metrics = new Metrics({ namespace, serviceName: service });
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

/** CloudWatch cuts a line of a megabyte off; the metric counts them all. */
const MOST_REASONS = 100;

type Line = { readonly level?: 'info' | 'warn' | 'error' } & Record<string, unknown>;

function linesOf(event: RelayEvent): readonly Line[] {
  switch (event.event) {
    case 'optout.accepted':
      return event.optOuts.map(commandFields);
    case 'optout.attempted':
      return [{ ...commandFields(event.optOut), ...deliveryFields(event.delivery) }];
    case 'link.opened':
    case 'form.rate_limited':
    case 'backlog.measured':
      return [];
    case 'optout.overdue':
      return overdueLines(event);
    case 'signals.unreadable':
      return [{ ...lineOf(event), reasons: event.reasons.slice(0, MOST_REASONS) }];
    default:
      return [lineOf(event)];
  }
}

/** Where it is not `info`. */
const LEVELS: Partial<Record<RelayEvent['event'], Line['level']>> = {
  'signals.unreadable': 'warn',
  'request.unauthenticated': 'warn',
  'circuit.opened': 'warn',
  'optout.drifted': 'warn',
  'drift.stopped': 'warn',
  'request.failed': 'error',
  'delivery.failed': 'error',
  'credentials.unusable': 'error',
  'receipt.unsigned': 'error',
  'result.publish_failed': 'error',
  'sweep.failed': 'error',
};

/** An event as it stands; of a command its name alone. */
function lineOf(event: Exclude<RelayEvent, { optOuts: unknown } | { overdue: unknown } | { delivery: unknown }>): Line {
  const { event: name, optOut, failure, ...fields } = { optOut: undefined, failure: undefined, ...event };
  return { level: LEVELS[name] ?? 'info', ...(optOut && commandFields(optOut)), ...fields, ...failure };
}

function commandFields({ id, source, kind }: OptOutRef): Line {
  return { optOutId: id, source, kind };
}

function deliveryFields({ outcome, ageMs, ...rest }: Delivery): Line {
  const { kind, ...known } = outcome;
  const level = kind === 'rejected' ? 'error' : 'info';
  return { level, outcome: kind, ...known, ...rest, ageSeconds: Math.round(ageMs / 1000) };
}

function overdueLines({ overdue, more }: Extract<RelayEvent, { event: 'optout.overdue' }>): readonly Line[] {
  const lines = overdue.map(({ optOut, isPaging, ...fields }): Line => {
    return { level: isPaging ? 'error' : 'warn', ...commandFields(optOut), ...fields };
  });
  return more > 0 ? [...lines, { level: 'warn', more }] : lines;
}

/** Every metric in two series: the service's, for the alarms, and the source's, for whoever wants to know which. */
function count(metrics: Metrics, event: RelayEvent): void {
  const some = metricsOf(event);
  if (some.length === 0) return;
  const source = 'optOut' in event ? event.optOut.source : 'source' in event ? event.source : undefined;
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
