import process from 'node:process';
import type { Context } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createReport, failureOf } from '../../functions/aws/telemetry.ts';
import { Misconfigured, Unauthenticated } from '../../functions/core/model/errors.ts';
import type { Outcome } from '../../functions/core/model/outcome.ts';
import type { FunctionName, RelayEvent } from '../../functions/core/model/telemetry.ts';
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

/** Reports one event and returns its log lines and metrics. */
function write(event: RelayEvent, service: FunctionName = 'deliver') {
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

const COMMAND = { optOutId: sampleOptOut().id, source: 'sendgrid', kind: 'opt_out' };

describe('log lines', () => {
  it.each<[string, RelayEvent, object[]]>([
    ['INFO', { event: 'optout.requeued', optOut: sampleOptOut() }, [COMMAND]],
    ['WARN', { event: 'circuit.opened', status: 503, pauseSeconds: 5 }, [{ status: 503, pauseSeconds: 5 }]],
    ['ERROR', { event: 'credentials.unusable', reason: 'it is blank' }, [{ reason: 'it is blank' }]],
    [
      'INFO',
      { event: 'optout.accepted', source: 'sendgrid', optOuts: [sampleOptOut(), sampleOptOut()] },
      [COMMAND, COMMAND],
    ],
    ['INFO', { event: 'link.opened' }, []],
  ])('are JSON with level %s, time, service, event and its fields: %j', (level, event, expected) => {
    const { lines } = write(event);

    const timestamp = expect.stringMatching(/^20\d\d-\d\d-\d\dT/);
    const common = { level, timestamp, service: 'deliver', event: event.event };
    expect(lines).toEqual(expected.map((fields) => ({ ...common, ...fields })));
  });

  it('have the request id and coldStart, and nothing else of the invocation', () => {
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

  it('do not carry over fields to the next event', () => {
    const { report } = createReport('deliver');
    report(delivered({ kind: 'rejected', status: 400 }));
    report({ event: 'request.unauthenticated', source: 'postmark', reason: 'no' });
    const [, , line, metrics] = written.map(({ text }) => JSON.parse(text));

    expect(line).not.toHaveProperty('optOutId');
    expect(metrics).toMatchObject({ service: 'deliver', source: 'postmark', Unauthenticated: 1 });
    expect(metrics).not.toHaveProperty('Rejected');
  });
});

describe('metrics', () => {
  it.each<[RelayEvent, Record<string, string>]>([
    [{ event: 'signals.ignored', source: 'sendgrid', count: 3 }, { SignalsIgnored: '3 Count' }],
    [{ event: 'backlog.measured', source: 'sendgrid', ageSeconds: 90 }, { OldestOpenAge: '90 Seconds' }],
    [{ event: 'optout.requeued', optOut: sampleOptOut() }, { Requeued: '1 Count' }],
    [{ event: 'link.opened' }, { LinkOpened: '1 Count' }],
    [
      delivered({ kind: 'confirmed', evidence: 'read-back', changed: false }),
      { Confirmed: '1 Count', TimeToConfirm: '41600 Milliseconds', AlreadyOptedOut: '1 Count' },
    ],
  ])('are published per service, and per source if the event has one: %j', (event, expected) => {
    const { metrics, values } = write(event);

    expect(values).toEqual(expected);
    const source = /"source":"(\w+)"/.exec(JSON.stringify(event))?.[1];
    expect(metrics).toMatchObject({ service: 'deliver', ...(source ? { source } : {}) });
    expect(metrics?._aws?.CloudWatchMetrics).toMatchObject([
      { Namespace: 'OptOutRelay', Dimensions: source ? [['service'], ['service', 'source']] : [['service']] },
    ]);
    expect(metrics?._aws?.CloudWatchMetrics).toHaveLength(1);
  });

  it('share one source for all sources without a secret, which anyone can call', () => {
    const reason = 'no secret is configured for this source';

    const { lines, metrics } = write({ event: 'request.unauthenticated', source: 'klaviyo', reason, hasSecret: false });

    expect(lines).toMatchObject([{ source: 'klaviyo', reason, hasSecret: false }]);
    expect(metrics).toMatchObject({ service: 'deliver', source: 'no-secret', Unauthenticated: 1 });
  });

  it.each<[RelayEvent, string]>([
    [{ event: 'request.failed', failure: { name: 'TypeError' } }, 'RequestFailed'],
    [{ event: 'delivery.failed', messageId: 'm1', failure: { name: 'TypeError' } }, 'DeliveryFailed'],
  ])('of faults are also published per version of the function: %j', (event, metric) => {
    vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'optout-relay-production-bulk');
    vi.stubEnv('AWS_LAMBDA_FUNCTION_VERSION', '12');

    const { metrics } = write(event);

    expect(metrics).toMatchObject({ service: 'deliver', version: 'optout-relay-production-bulk:12', [metric]: 1 });
    const [{ Dimensions }] = metrics?._aws?.CloudWatchMetrics ?? [{ Dimensions: [] }];
    expect(Dimensions).toEqual([['service'], ['service', 'version']]);
  });

  it('are not published for an event without metrics', () => {
    expect(write({ event: 'ledger.erased', count: 3 }).metrics).toBeUndefined();
  });

  it('are written to stdout', () => {
    write(delivered({ kind: 'duplicate' }));

    expect(written.filter(({ text }) => text.includes('_aws')).map(({ stream }) => stream)).toEqual(['stdout']);
  });

  it('have the service of the function and the namespace of the stage', () => {
    vi.stubEnv('POWERTOOLS_SERVICE_NAME', 'another');
    vi.stubEnv('POWERTOOLS_METRICS_NAMESPACE', 'OptOutRelay/dev');

    const { metrics, lines } = write(delivered({ kind: 'duplicate' }));

    const _aws = { CloudWatchMetrics: [{ Namespace: 'OptOutRelay/dev' }] };
    expect(metrics).toMatchObject({ service: 'deliver', _aws });
    expect(lines).toMatchObject([{ service: 'deliver' }]);
  });
});

describe('failureOf', () => {
  it('returns name, message and status of a RelayError', () => {
    expect(failureOf(new Unauthenticated('no configured secret matches'))).toEqual({
      name: 'Unauthenticated',
      reason: 'no configured secret matches',
      status: 401,
    });
    expect(failureOf(new Misconfigured('LEDGER_TABLE is missing'))).toMatchObject({ status: 503 });
  });

  it.each<[string, Error]>([
    ['one line', new TypeError(`no ${EMAIL}`)],
    ['lines', new TypeError(`no\n${EMAIL}\n  at ${EMAIL}`)],
    ['lines that look like stack frames', new TypeError(`no\n    at ${EMAIL}\n    at ${EMAIL}`)],
    ['a cause', new TypeError('no', { cause: new Error(EMAIL) })],
    ['fields', Object.assign(new TypeError('no'), { input: EMAIL, $metadata: { email: EMAIL } })],
  ])('returns only name and stack frames of any other error: %s', (_what, error) => {
    const failure = failureOf(error);

    expect(failure).toEqual({ name: 'TypeError', stack: expect.stringMatching(/^ {4}at .*telemetry\.test\.ts/) });
    expect(failure.stack?.split('\n').length).toBeLessThanOrEqual(8);
    expect(JSON.stringify(failure)).not.toContain(EMAIL);
  });

  it.each([undefined, null, 'ann@example.com', { message: 'ann@example.com' }, 7])(
    'returns no detail of a thrown value that is not an Error: %j',
    (thrown) => {
      expect(failureOf(thrown)).toEqual({ name: 'unknown' });
    },
  );
});
