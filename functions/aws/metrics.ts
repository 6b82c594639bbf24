import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Delivery, RelayEvent } from '../core/model/telemetry.ts';

/** A count, unless there is another unit. */
export type Metric = readonly [name: string, value: number, unit?: (typeof MetricUnit)[keyof typeof MetricUnit]];

const OUTCOME_METRICS = {
  confirmed: 'Confirmed',
  duplicate: 'Duplicate',
  superseded: 'Superseded',
  held: 'Held',
  rejected: 'Rejected',
  deferred: 'Deferred',
} as const;

/** What is counted one by one. */
const COUNTED: Partial<Record<RelayEvent['event'], string>> = {
  'link.opened': 'LinkOpened',
  'form.rate_limited': 'FormRateLimited',
  'request.unauthenticated': 'Unauthenticated',
  'delivery.failed': 'DeliveryFailed',
  'credentials.unusable': 'CredentialsRejected',
  'circuit.opened': 'CircuitOpened',
  'receipt.unsigned': 'ReceiptUnsigned',
  'optout.requeued': 'Requeued',
  'optout.drifted': 'Drifted',
  'optout.opted_in': 'OptedInAgain',
  'drift.stopped': 'DriftStopped',
};

/** The metrics of an event, by the names of the documentation; none where there is nothing to count. */
export function metricsOf(event: RelayEvent): readonly Metric[] {
  switch (event.event) {
    case 'optout.accepted':
      return [['Accepted', event.optOuts.length]];
    case 'optout.attempted':
      return deliveryMetrics(event.delivery);
    case 'signals.ignored':
      return [['SignalsIgnored', event.count]];
    case 'signals.unreadable':
      return [['SignalsUnreadable', event.reasons.length]];
    case 'result.publish_failed':
      return [['ResultPublishFailed', event.count]];
    case 'backlog.measured':
      return [['OldestOpenAge', event.ageSeconds, MetricUnit.Seconds]];
    case 'api_version.checked':
      return [['ApiVersionDaysLeft', event.daysLeft]];
    default:
      return countOf(event);
  }
}

function countOf({ event }: RelayEvent): readonly Metric[] {
  const name = COUNTED[event];
  return name === undefined ? [] : [[name, 1]];
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
