import process from 'node:process';
import { vi } from 'vitest';
import { createReport } from '../../../functions/aws/telemetry.ts';
import type { Outcome } from '../../../functions/core/model/outcome.ts';
import type { EventName, FunctionName, RelayEvent } from '../../../functions/core/model/telemetry.ts';
import { EVENTS } from '../../../functions/core/model/telemetry.ts';
import { sampleOptOut } from '../../aws/sample-opt-out.ts';
import { functions, variablesOf } from './template.ts';

type Samples = { readonly [Name in EventName]: readonly RelayEvent<Name>[] };

const failure = { name: 'TypeError', stack: '    at deliver (file:///deliver.ts:1:1)', reason: 'no', status: 503 };
const outcomes: readonly Outcome[] = [
  { kind: 'confirmed', evidence: 'response', changed: false, correlationId: 'c-1' },
  {
    ...{ kind: 'confirmed', evidence: 'read-back', changed: true },
    ...{ businessUnits: ['0', '7'], kept: ['4'], unchecked: true },
  },
  { kind: 'duplicate' },
  { kind: 'superseded' },
  { kind: 'observed', changed: true, businessUnits: ['0'], kept: ['4'], correlationId: 'c-3' },
  { kind: 'held', reason: 'surge-limit' },
  { kind: 'rejected', status: 400, category: 'VALIDATION_ERROR', correlationId: 'c-2' },
  { kind: 'deferred', status: 401, retryAfterSeconds: 9 },
  { kind: 'deferred', status: 404, category: 'ROUTE_MISSING', retryAfterSeconds: 9 },
  { kind: 'deferred', status: 429, retryAfterSeconds: 9 },
];

/** Samples of each event that produce all of its log fields and metrics. */
export const SAMPLES: Samples = {
  'optout.accepted': [{ event: 'optout.accepted', source: 'sendgrid', optOuts: [sampleOptOut()] }],
  'optout.attempted': outcomes.map((outcome) => ({
    event: 'optout.attempted',
    optOut: sampleOptOut(),
    delivery: { outcome, attempt: 1, tookMs: 87, ageMs: 41_600 },
  })),
  'link.opened': [{ event: 'link.opened' }],
  'form.rate_limited': [{ event: 'form.rate_limited' }],
  'signals.ignored': [{ event: 'signals.ignored', source: 'sendgrid', count: 3 }],
  'signals.unreadable': [{ event: 'signals.unreadable', source: 'sendgrid', reasons: ['event 1: email is missing'] }],
  'request.unauthenticated': [
    { event: 'request.unauthenticated', source: 'sendgrid', reason: 'no configured secret matches' },
  ],
  'rate_limit.unavailable': [{ event: 'rate_limit.unavailable', failure }],
  'request.failed': [{ event: 'request.failed', failure }],
  'delivery.failed': [{ event: 'delivery.failed', messageId: 'm1', optOutId: 'a', failure }],
  'ledger.erased': [{ event: 'ledger.erased', count: 3 }],
  'credentials.unusable': [{ event: 'credentials.unusable', reason: 'secret hubspot: the token is blank' }],
  'definitions.unreadable': [{ event: 'definitions.unreadable', status: 403 }],
  'circuit.opened': [{ event: 'circuit.opened', status: 503, pauseSeconds: 30 }],
  'batch.unavailable': [{ event: 'batch.unavailable', status: 403 }],
  'receipt.unsigned': [{ event: 'receipt.unsigned', optOut: sampleOptOut(), reason: 'secret receipts: it is blank' }],
  'result.publish_failed': [{ event: 'result.publish_failed', count: 2, reason: 'ThrottlingException' }],
  'backlog.measured': [
    { event: 'backlog.measured', ageSeconds: 0 },
    { event: 'backlog.measured', source: 'sendgrid', ageSeconds: 60 },
  ],
  'optout.overdue': [
    {
      event: 'optout.overdue',
      overdue: [{ optOut: sampleOptOut(), state: 'held', ageSeconds: 90_000, isPaging: false }],
      more: 1,
    },
  ],
  'optout.requeued': [{ event: 'optout.requeued', optOut: sampleOptOut() }],
  'optout.drifted': [{ event: 'optout.drifted', optOut: sampleOptOut() }],
  'optout.opted_in': [{ event: 'optout.opted_in', optOut: sampleOptOut() }],
  'drift.stopped': [{ event: 'drift.stopped', status: 503, category: 'X' }],
  'ledger.scanned': [{ event: 'ledger.scanned', entries: 3, isDone: true }],
  'sweep.failed': [{ event: 'sweep.failed', part: 'scan', failure }],
  'api_version.checked': [{ event: 'api_version.checked', version: 'v4', daysLeft: 127 }],
};

/** `bulk` runs the code of `deliver` on another queue, and reports under the same name. */
export function reporterOf(name: string): string {
  return name === 'bulk' ? 'deliver' : name;
}

/** A CloudWatch metric. */
export interface Series {
  readonly namespace: string;
  readonly name: string;
  /** `deliver` */
  readonly service: string;
  /** `['service']` or `['service', 'source']` */
  readonly dimensions: readonly string[];
}

/** The metrics and log fields of all functions, from reporting each function's events once. */
export const { series, fields } = reportAll();

function reportAll(): { readonly series: readonly Series[]; readonly fields: ReadonlySet<string> } {
  const lines = functions.filter(isFunctionName).flatMap(linesOf);
  const logged = lines.filter((line) => !line._aws);
  return { series: lines.flatMap(seriesOf), fields: new Set(logged.flatMap((line) => Object.keys(line))) };
}

interface Line {
  readonly service: string;
  readonly _aws?: { readonly CloudWatchMetrics: readonly Emf[] };
}

interface Emf {
  readonly Namespace: string;
  readonly Dimensions: readonly (readonly string[])[];
  readonly Metrics: readonly { readonly Name: string }[];
}

function isFunctionName(name: string): name is FunctionName {
  return Object.values(EVENTS).some(({ emittedBy }) => emittedBy.some((each) => each === name));
}

function linesOf(name: FunctionName): readonly Line[] {
  const written: string[] = [];
  vi.stubEnv('POWERTOOLS_METRICS_NAMESPACE', String(variablesOf(name).POWERTOOLS_METRICS_NAMESPACE));
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  const { report, logger } = createReport(name);
  logger.addContext({ awsRequestId: 'request-1', functionName: name } as Parameters<typeof logger.addContext>[0]);
  for (const event of Object.values(SAMPLES).flat()) if (EVENTS[event.event].emittedBy.includes(name)) report(event);
  write.mockRestore();
  vi.unstubAllEnvs();
  return written.map((text) => JSON.parse(text));
}

function seriesOf({ service, _aws }: Line): readonly Series[] {
  return (_aws?.CloudWatchMetrics ?? []).flatMap(({ Namespace, Dimensions, Metrics }) =>
    Metrics.flatMap(({ Name }) =>
      Dimensions.map((dimensions) => ({ namespace: Namespace, name: Name, service, dimensions })),
    ),
  );
}
