import { Console } from 'node:console';
import process from 'node:process';
import { LogFormatter, Logger, LogItem } from '@aws-lambda-powertools/logger';
import type { LogAttributes, UnformattedAttributes } from '@aws-lambda-powertools/logger/types';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { functionVersion, readEnvironment } from '../config/environment.ts';
import { RelayError } from '../core/model/errors.ts';
import type { Failure, FunctionName, RelayEvent, Report } from '../core/model/telemetry.ts';
import { isFault, linesOf, metricsOf, sourceOf } from '../core/model/telemetry.ts';

/** Creates the function that writes events as JSON log lines and EMF metrics. Both go to stdout, which CloudWatch reads. */
export function createReport(service: FunctionName): { readonly report: Report; readonly logger: Logger } {
  const logger = new Logger({ serviceName: service, logFormatter: new LineFormatter() });
  // Powertools writes warnings and errors to stderr by default.
  Object.defineProperty(logger, 'console', { value: new Console(process.stdout) });
  const { POWERTOOLS_METRICS_NAMESPACE: namespace } = readEnvironment('POWERTOOLS_METRICS_NAMESPACE');
  const metrics = new Metrics({ namespace, serviceName: service });
  const report: Report = (event) => {
    for (const { level, ...fields } of linesOf(event)) logger[level](event.event, fields);
    publish(metrics, event);
  };
  return { report, logger };
}

/** Uses the relay's field names instead of Powertools' snake case. Logs only the request id and `coldStart` of the invocation. */
class LineFormatter extends LogFormatter {
  override formatAttributes(attributes: UnformattedAttributes, fields: LogAttributes): LogItem {
    const { logLevel, message, serviceName, timestamp, lambdaContext } = attributes;
    const base = { level: logLevel, timestamp: this.formatTimestamp(timestamp), service: serviceName, event: message };
    const invocation = { requestId: lambdaContext?.awsRequestId, coldStart: lambdaContext?.coldStart };
    return new LogItem({ attributes: { ...base, ...fields, ...invocation } });
  }
}

/**
 * Publishes each metric per service, which alarms watch; per service and source, which shows the sender; and a fault per service
 * and version, which rolls back a deployment.
 */
function publish(metrics: Metrics, event: RelayEvent): void {
  const counted = metricsOf(event);
  if (counted.length === 0) return;
  const source = sourceOf(event);
  metrics.addDimensions({});
  if (source !== undefined) metrics.addDimensions({ source });
  // bulk reports under the same service as deliver, so the version names the function.
  if (isFault(event)) metrics.addDimensions({ version: functionVersion() });
  for (const [name, value, unit = MetricUnit.Count] of counted) metrics.addMetric(name, unit, value);
  metrics.publishStoredMetrics();
}

/**
 * Describes an error for the log. A `RelayError` is described in full. For any other error, only its name and stack frames
 * are used, because its message may quote input.
 */
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
