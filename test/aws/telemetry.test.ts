import process from 'node:process';
import type { Context } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createReport, failureOf } from '../../functions/aws/telemetry.ts';
import { Misconfigured, Unauthenticated } from '../../functions/core/model/errors.ts';
import type { Outcome } from '../../functions/core/model/outcome.ts';
import type { RelayEvent } from '../../functions/core/model/telemetry.ts';
import { formsOf } from './listening.ts';
import { EMAIL, sampleOptOut } from './sample-opt-out.ts';

let written: { stream: string; text: string }[];
beforeEach(() => {
  written = [];
  for (const stream of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      written.push({ stream, text: String(text) });
      return true;
    });
  }
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

type Line = Record<string, unknown>;

/** What one event writes: its log lines, and its metrics by name. */
function said(event: RelayEvent, service = 'deliver') {
  createReport(service).report(event);
  const parsed: (Line & { _aws?: Emf })[] = written.map(({ text }) => JSON.parse(text));
  const [metrics, ...more] = parsed.filter((line) => '_aws' in line);
  expect(more).toEqual([]);
  for (const { text } of written) {
    expect(text).toMatch(/^\{[^\n]*\}\n$/);
    for (const form of formsOf(EMAIL)) expect(text).not.toContain(form);
  }
  return { lines: parsed.filter((line) => !('_aws' in line)), metrics, values: valuesOf(metrics) };
}

interface Emf {
  readonly CloudWatchMetrics: readonly [
    { Namespace: string; Dimensions: string[][]; Metrics: { Name: string; Unit: string }[] },
  ];
}

function valuesOf(metrics: (Line & { _aws?: Emf }) | undefined) {
  const named = metrics?._aws?.CloudWatchMetrics[0].Metrics ?? [];
  return Object.fromEntries(named.map(({ Name, Unit }) => [Name, `${metrics?.[Name]} ${Unit}`]));
}

function delivered(outcome: Outcome, attempt = 1): RelayEvent {
  return {
    event: 'optout.attempted',
    optOut: sampleOptOut(),
    delivery: { outcome, attempt, tookMs: 87, ageMs: 41_600 },
  };
}

/** Rows with a first column to call them by. */
function titled<Expected>(rows: readonly (readonly [RelayEvent, Expected])[]) {
  return rows.map(([event, expected]): [string, RelayEvent, Expected] => {
    const outcome = event.event === 'optout.attempted' ? Object.values(event.delivery.outcome).join(' ') : '';
    return [`${event.event} ${outcome}`.trim(), event, expected];
  });
}

const COMMAND = { optOutId: sampleOptOut().id, source: 'sendgrid', kind: 'opt_out' };
const FAILURE = { name: 'TypeError', stack: '    at deliver (file:///deliver.ts:1:1)' };

describe('the lines', () => {
  it.each(
    titled<readonly object[]>([
      [
        {
          event: 'optout.accepted',
          source: 'sendgrid',
          optOuts: [sampleOptOut(), sampleOptOut('b', { kind: 'complaint' })],
        },
        [
          { level: 'INFO', ...COMMAND },
          { level: 'INFO', ...COMMAND, optOutId: sampleOptOut('b').id, kind: 'complaint' },
        ],
      ],
      [
        delivered({ kind: 'confirmed', evidence: 'response', changed: true, correlationId: 'c-1' }, 2),
        [
          {
            level: 'INFO',
            ...COMMAND,
            outcome: 'confirmed',
            evidence: 'response',
            changed: true,
            correlationId: 'c-1',
            attempt: 2,
            tookMs: 87,
            ageSeconds: 42,
          },
        ],
      ],
      [
        delivered({
          kind: 'deferred',
          status: 429,
          category: 'RATE_LIMIT',
          correlationId: 'c-2',
          retryAfterSeconds: 9,
        }),
        [
          {
            level: 'INFO',
            ...COMMAND,
            outcome: 'deferred',
            status: 429,
            category: 'RATE_LIMIT',
            correlationId: 'c-2',
            retryAfterSeconds: 9,
            attempt: 1,
            tookMs: 87,
            ageSeconds: 42,
          },
        ],
      ],
      [
        delivered({ kind: 'rejected', status: 400, category: 'VALIDATION_ERROR' }),
        [
          {
            level: 'ERROR',
            ...COMMAND,
            outcome: 'rejected',
            status: 400,
            category: 'VALIDATION_ERROR',
            attempt: 1,
            tookMs: 87,
            ageSeconds: 42,
          },
        ],
      ],
      [
        delivered({ kind: 'duplicate' }, 0),
        [{ level: 'INFO', ...COMMAND, outcome: 'duplicate', attempt: 0, tookMs: 87, ageSeconds: 42 }],
      ],
      [{ event: 'signals.ignored', source: 'sendgrid', count: 3 }, [{ level: 'INFO', source: 'sendgrid', count: 3 }]],
      [
        { event: 'signals.unreadable', source: 'sendgrid', reasons: ['event 1: email is missing', 'event 2: x'] },
        [{ level: 'WARN', source: 'sendgrid', reasons: ['event 1: email is missing', 'event 2: x'] }],
      ],
      [
        { event: 'signals.unreadable', source: 'sendgrid', reasons: Array(101).fill('x') },
        [{ level: 'WARN', source: 'sendgrid', reasons: Array(100).fill('x') }],
      ],
      [
        { event: 'request.unauthenticated', source: 'sendgrid', reason: 'the proof does not match' },
        [{ level: 'WARN', source: 'sendgrid', reason: 'the proof does not match' }],
      ],
      [{ event: 'request.failed', failure: FAILURE }, [{ level: 'ERROR', ...FAILURE }]],
      [
        { event: 'delivery.failed', messageId: 'm1', failure: FAILURE },
        [{ level: 'ERROR', messageId: 'm1', ...FAILURE }],
      ],
      [{ event: 'ledger.erased', count: 3 }, [{ level: 'INFO', count: 3 }]],
      [
        { event: 'result.publish_failed', count: 2, reason: 'ThrottlingException' },
        [{ level: 'ERROR', count: 2, reason: 'ThrottlingException' }],
      ],
      [
        { event: 'credentials.unusable', reason: 'secret hubspot: the token is blank' },
        [{ level: 'ERROR', reason: 'secret hubspot: the token is blank' }],
      ],
      [{ event: 'circuit.opened', status: 503, pauseSeconds: 5 }, [{ level: 'WARN', status: 503, pauseSeconds: 5 }]],
      [
        { event: 'receipt.unsigned', optOut: { id: 'x', source: 'form', kind: 'opt_out' }, reason: 'it is blank' },
        [{ level: 'ERROR', optOutId: 'x', source: 'form', kind: 'opt_out', reason: 'it is blank' }],
      ],
      [
        {
          event: 'optout.overdue',
          overdue: [
            { optOut: sampleOptOut(), state: 'open', ageSeconds: 90_000, isPaging: false },
            { optOut: sampleOptOut(), state: 'held', ageSeconds: 130_000, isPaging: true },
          ],
          more: 7,
        },
        [
          { level: 'WARN', ...COMMAND, state: 'open', ageSeconds: 90_000 },
          { level: 'ERROR', ...COMMAND, state: 'held', ageSeconds: 130_000 },
          { level: 'WARN', more: 7 },
        ],
      ],
      [
        {
          event: 'optout.overdue',
          overdue: [{ optOut: sampleOptOut(), state: 'open', ageSeconds: 90_000, isPaging: false }],
          more: 0,
        },
        [{ level: 'WARN', ...COMMAND, state: 'open', ageSeconds: 90_000 }],
      ],
      [{ event: 'backlog.measured', source: 'sendgrid', ageSeconds: 90 }, []],
      [{ event: 'optout.requeued', optOut: sampleOptOut() }, [{ level: 'INFO', ...COMMAND }]],
      [{ event: 'optout.drifted', optOut: sampleOptOut() }, [{ level: 'WARN', ...COMMAND }]],
      [{ event: 'optout.opted_in', optOut: sampleOptOut() }, [{ level: 'INFO', ...COMMAND }]],
      [{ event: 'drift.stopped', status: 503, category: 'X' }, [{ level: 'WARN', status: 503, category: 'X' }]],
      [{ event: 'ledger.scanned', entries: 12, isDone: true }, [{ level: 'INFO', entries: 12, isDone: true }]],
      [{ event: 'sweep.failed', part: 'clock', failure: FAILURE }, [{ level: 'ERROR', part: 'clock', ...FAILURE }]],
      [
        { event: 'api_version.checked', version: 'v4', daysLeft: 127 },
        [{ level: 'INFO', version: 'v4', daysLeft: 127 }],
      ],
    ]),
  )('of %s have the documented names and nothing else', (_title, event, expected) => {
    const { lines } = said(event);

    const common = { timestamp: expect.stringMatching(/^20\d\d-\d\d-\d\dT/), service: 'deliver', event: event.event };
    expect(lines).toEqual(expected.map((fields) => ({ ...common, ...fields })));
  });

  it('name the invocation and whether it was cold, and nothing more of it', () => {
    const { report, logger } = createReport('webhook');
    logger.addContext({ awsRequestId: 'request-1', functionName: 'f', invokedFunctionArn: 'a' } as Context);

    report({ event: 'request.unauthenticated', source: 'sendgrid', reason: 'no' });

    const line = JSON.parse(written[0]?.text ?? '');
    expect(Object.keys(line).toSorted()).toEqual(
      ['coldStart', 'event', 'level', 'reason', 'requestId', 'service', 'source', 'timestamp'].toSorted(),
    );
    expect(line).toMatchObject({ requestId: 'request-1', service: 'webhook' });
    expect(typeof line.coldStart).toBe('boolean');
  });

  it('leave nothing behind for the next event', () => {
    const { report } = createReport('deliver');
    report(delivered({ kind: 'rejected', status: 400 }));
    report({ event: 'request.unauthenticated', source: 'postmark', reason: 'no' });
    const [, , line, metrics] = written.map(({ text }) => JSON.parse(text));

    expect(line).not.toHaveProperty('optOutId');
    expect(metrics).toMatchObject({ service: 'deliver', source: 'postmark', Unauthenticated: 1 });
    expect(metrics).not.toHaveProperty('Rejected');
  });
});

describe('the metrics', () => {
  it.each(
    titled<Record<string, string>>([
      [
        { event: 'optout.accepted', source: 'sendgrid', optOuts: [sampleOptOut(), sampleOptOut('b')] },
        { Accepted: '2 Count' },
      ],
      [
        delivered({ kind: 'confirmed', evidence: 'response', changed: true }),
        { Confirmed: '1 Count', TimeToConfirm: '41600 Milliseconds' },
      ],
      [
        delivered({ kind: 'confirmed', evidence: 'read-back', changed: false }),
        { Confirmed: '1 Count', TimeToConfirm: '41600 Milliseconds', AlreadyOptedOut: '1 Count' },
      ],
      [delivered({ kind: 'duplicate' }), { Duplicate: '1 Count' }],
      [delivered({ kind: 'superseded' }), { Superseded: '1 Count' }],
      [delivered({ kind: 'held', reason: 'surge-limit' }), { Held: '1 Count' }],
      [delivered({ kind: 'rejected', status: 400 }), { Rejected: '1 Count' }],
      [delivered({ kind: 'deferred', retryAfterSeconds: 1 }), { Deferred: '1 Count' }],
      [
        delivered({ kind: 'deferred', status: 401, retryAfterSeconds: 1 }),
        { Deferred: '1 Count', CredentialsRejected: '1 Count' },
      ],
      [
        delivered({ kind: 'deferred', status: 403, retryAfterSeconds: 1 }),
        { Deferred: '1 Count', CredentialsRejected: '1 Count' },
      ],
      [
        delivered({ kind: 'deferred', status: 429, retryAfterSeconds: 1 }),
        { Deferred: '1 Count', RateLimited: '1 Count' },
      ],
      [{ event: 'signals.ignored', source: 'sendgrid', count: 3 }, { SignalsIgnored: '3 Count' }],
      [{ event: 'link.opened' }, { LinkOpened: '1 Count' }],
      [{ event: 'form.rate_limited' }, { FormRateLimited: '1 Count' }],
      [{ event: 'signals.unreadable', source: 'sendgrid', reasons: ['a', 'b'] }, { SignalsUnreadable: '2 Count' }],
      [{ event: 'request.unauthenticated', source: 'sendgrid', reason: 'no' }, { Unauthenticated: '1 Count' }],
      [{ event: 'result.publish_failed', count: 2, reason: 'no' }, { ResultPublishFailed: '2 Count' }],
      [{ event: 'credentials.unusable', reason: 'no' }, { CredentialsRejected: '1 Count' }],
      [{ event: 'circuit.opened', status: 503, pauseSeconds: 5 }, { CircuitOpened: '1 Count' }],
      [
        { event: 'receipt.unsigned', optOut: { id: 'x', source: 'form', kind: 'opt_out' }, reason: 'no' },
        { ReceiptUnsigned: '1 Count' },
      ],
      [{ event: 'backlog.measured', source: 'sendgrid', ageSeconds: 90 }, { OldestOpenAge: '90 Seconds' }],
      [{ event: 'backlog.measured', ageSeconds: 0 }, { OldestOpenAge: '0 Seconds' }],
      [{ event: 'optout.requeued', optOut: sampleOptOut() }, { Requeued: '1 Count' }],
      [{ event: 'optout.drifted', optOut: sampleOptOut() }, { Drifted: '1 Count' }],
      [{ event: 'optout.opted_in', optOut: sampleOptOut() }, { OptedInAgain: '1 Count' }],
      [{ event: 'api_version.checked', version: 'v4', daysLeft: -3 }, { ApiVersionDaysLeft: '-3 Count' }],
      [{ event: 'delivery.failed', messageId: 'm1', failure: FAILURE }, { DeliveryFailed: '1 Count' }],
      [{ event: 'drift.stopped', status: 403 }, { DriftStopped: '1 Count' }],
    ]),
  )('of %s are the documented ones, by service and by source', (_title, event, expected) => {
    const { metrics, values } = said(event);

    expect(values).toEqual(expected);
    const source = /"source":"(\w+)"/.exec(JSON.stringify(event))?.[1];
    expect(metrics).toMatchObject({ service: 'deliver', ...(source ? { source } : {}) });
    expect(metrics?._aws?.CloudWatchMetrics).toMatchObject([
      { Namespace: 'OptOutRelay', Dimensions: source ? [['service'], ['service', 'source']] : [['service']] },
    ]);
    expect(metrics?._aws?.CloudWatchMetrics).toHaveLength(1);
  });

  it.each(['request.failed', 'ledger.erased'] as const)('say nothing of %s', (event) => {
    expect(said({ event, failure: FAILURE, count: 3 }).metrics).toBeUndefined();
  });

  it('stand on stdout', () => {
    said(delivered({ kind: 'duplicate' }));

    expect(written.filter(({ text }) => text.includes('_aws')).map(({ stream }) => stream)).toEqual(['stdout']);
  });

  it('keep to the service that was named, in the namespace that the stage has', () => {
    vi.stubEnv('POWERTOOLS_SERVICE_NAME', 'another');
    vi.stubEnv('POWERTOOLS_METRICS_NAMESPACE', 'OptOutRelay/dev');

    const { metrics, lines } = said(delivered({ kind: 'duplicate' }));

    const _aws = { CloudWatchMetrics: [{ Namespace: 'OptOutRelay/dev' }] };
    expect(metrics).toMatchObject({ service: 'deliver', _aws });
    expect(lines).toMatchObject([{ service: 'deliver' }]);
  });
});

describe('failureOf', () => {
  it('says all of an error of ours', () => {
    expect(failureOf(new Unauthenticated('the proof does not match'))).toEqual({
      name: 'Unauthenticated',
      reason: 'the proof does not match',
      status: 401,
    });
    expect(failureOf(new Misconfigured('LEDGER_TABLE is missing'))).toMatchObject({ status: 503 });
  });

  it.each<[string, Error]>([
    ['one line', new TypeError(`no ${EMAIL}`)],
    ['lines', new TypeError(`no\n${EMAIL}\n  at ${EMAIL}`)],
    ['lines that look like places', new TypeError(`no\n    at ${EMAIL}\n    at ${EMAIL}`)],
    ['a cause', new TypeError('no', { cause: new Error(EMAIL) })],
    ['fields', Object.assign(new TypeError('no'), { input: EMAIL, $metadata: { email: EMAIL } })],
  ])('says of another only its name and where it was: %s', (_what, error) => {
    const failure = failureOf(error);

    expect(failure).toEqual({ name: 'TypeError', stack: expect.stringMatching(/^ {4}at .*telemetry\.test\.ts/) });
    expect(failure.stack?.split('\n').length).toBeLessThanOrEqual(8);
    expect(JSON.stringify(failure)).not.toContain(EMAIL);
  });

  it.each([undefined, null, 'ann@example.com', { message: 'ann@example.com' }, 7])('says nothing of %j', (thrown) => {
    expect(failureOf(thrown)).toEqual({ name: 'unknown' });
  });
});
