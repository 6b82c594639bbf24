import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../functions/core/model/outcome.ts';
import type { RelayEvent } from '../../../functions/core/model/telemetry.ts';
import { isFault, linesOf, metricsOf, sourceOf } from '../../../functions/core/model/telemetry.ts';
import { formsOf } from '../../aws/listening.ts';
import { EMAIL, sampleOptOut } from '../../aws/sample-opt-out.ts';

function delivered(outcome: Outcome, attempt = 1): RelayEvent {
  return {
    event: 'optout.attempted',
    optOut: sampleOptOut(),
    delivery: { outcome, attempt, tookMs: 87, ageMs: 41_600 },
  };
}

/** Adds a title to each row. */
function titled<Expected>(rows: readonly (readonly [RelayEvent, Expected])[]) {
  return rows.map(([event, expected]): [string, RelayEvent, Expected] => {
    const outcome = event.event === 'optout.attempted' ? Object.values(event.delivery.outcome).join(' ') : '';
    return [`${event.event} ${outcome}`.trim(), event, expected];
  });
}

const COMMAND = { optOutId: sampleOptOut().id, source: 'sendgrid', kind: 'opt_out' };
const FAILURE = { name: 'TypeError', stack: '    at deliver (file:///deliver.ts:1:1)' };

describe('log lines', () => {
  it.each(
    titled<readonly object[]>([
      [
        {
          event: 'optout.accepted',
          source: 'sendgrid',
          optOuts: [sampleOptOut(), sampleOptOut('b', { kind: 'complaint' })],
        },
        [
          { level: 'info', ...COMMAND },
          { level: 'info', ...COMMAND, optOutId: sampleOptOut('b').id, kind: 'complaint' },
        ],
      ],
      [
        delivered({ kind: 'confirmed', evidence: 'response', changed: true, correlationId: 'c-1' }, 2),
        [
          {
            level: 'info',
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
            level: 'info',
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
            level: 'error',
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
        [{ level: 'info', ...COMMAND, outcome: 'duplicate', attempt: 0, tookMs: 87, ageSeconds: 42 }],
      ],
      [{ event: 'signals.ignored', source: 'sendgrid', count: 3 }, [{ level: 'info', source: 'sendgrid', count: 3 }]],
      [
        { event: 'signals.unreadable', source: 'sendgrid', reasons: ['event 1: email is missing', 'event 2: x'] },
        [{ level: 'warn', source: 'sendgrid', reasons: ['event 1: email is missing', 'event 2: x'] }],
      ],
      [
        { event: 'signals.unreadable', source: 'sendgrid', reasons: Array(101).fill('x') },
        [{ level: 'warn', source: 'sendgrid', reasons: Array(100).fill('x') }],
      ],
      [
        { event: 'request.unauthenticated', source: 'sendgrid', reason: 'the signature does not match' },
        [{ level: 'warn', source: 'sendgrid', reason: 'the signature does not match' }],
      ],
      [{ event: 'request.failed', failure: FAILURE }, [{ level: 'error', ...FAILURE }]],
      [{ event: 'rate_limit.unavailable', failure: FAILURE }, [{ level: 'error', ...FAILURE }]],
      [
        { event: 'delivery.failed', messageId: 'm1', failure: FAILURE },
        [{ level: 'error', messageId: 'm1', ...FAILURE }],
      ],
      [{ event: 'ledger.erased', count: 3 }, [{ level: 'info', count: 3 }]],
      [
        { event: 'result.publish_failed', count: 2, reason: 'ThrottlingException' },
        [{ level: 'error', count: 2, reason: 'ThrottlingException' }],
      ],
      [
        { event: 'credentials.unusable', reason: 'secret hubspot: the token is blank' },
        [{ level: 'error', reason: 'secret hubspot: the token is blank' }],
      ],
      [{ event: 'circuit.opened', status: 503, pauseSeconds: 5 }, [{ level: 'warn', status: 503, pauseSeconds: 5 }]],
      [
        { event: 'receipt.unsigned', optOut: { id: 'x', source: 'form', kind: 'opt_out' }, reason: 'it is blank' },
        [{ level: 'error', optOutId: 'x', source: 'form', kind: 'opt_out', reason: 'it is blank' }],
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
          { level: 'warn', ...COMMAND, state: 'open', ageSeconds: 90_000 },
          { level: 'error', ...COMMAND, state: 'held', ageSeconds: 130_000 },
          { level: 'warn', more: 7 },
        ],
      ],
      [
        {
          event: 'optout.overdue',
          overdue: [{ optOut: sampleOptOut(), state: 'open', ageSeconds: 90_000, isPaging: false }],
          more: 0,
        },
        [{ level: 'warn', ...COMMAND, state: 'open', ageSeconds: 90_000 }],
      ],
      [{ event: 'backlog.measured', source: 'sendgrid', ageSeconds: 90 }, []],
      [{ event: 'optout.requeued', optOut: sampleOptOut() }, [{ level: 'info', ...COMMAND }]],
      [{ event: 'optout.drifted', optOut: sampleOptOut() }, [{ level: 'warn', ...COMMAND }]],
      [{ event: 'optout.opted_in', optOut: sampleOptOut() }, [{ level: 'info', ...COMMAND }]],
      [{ event: 'drift.stopped', status: 503, category: 'X' }, [{ level: 'warn', status: 503, category: 'X' }]],
      [{ event: 'ledger.scanned', entries: 12, isDone: true }, [{ level: 'info', entries: 12, isDone: true }]],
      [{ event: 'sweep.failed', part: 'scan', failure: FAILURE }, [{ level: 'error', part: 'scan', ...FAILURE }]],
      [
        { event: 'api_version.checked', version: 'v4', daysLeft: 127 },
        [{ level: 'info', version: 'v4', daysLeft: 127 }],
      ],
    ]),
  )('of %s have the documented fields and nothing else', (_title, event, expected) => {
    const lines = linesOf(event);

    expect(lines).toEqual(expected);
    for (const form of formsOf(EMAIL)) expect(JSON.stringify(lines)).not.toContain(form);
  });
});

describe('metrics', () => {
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
      [
        delivered({ kind: 'deferred', status: 404, category: 'ROUTE_MISSING', retryAfterSeconds: 1 }),
        { Deferred: '1 Count', RouteMissing: '1 Count' },
      ],
      [
        delivered({ kind: 'confirmed', evidence: 'response', changed: true, unchecked: true }),
        { Confirmed: '1 Count', TimeToConfirm: '41600 Milliseconds', Unchecked: '1 Count' },
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
      [{ event: 'request.failed', failure: FAILURE }, { RequestFailed: '1 Count' }],
      [{ event: 'rate_limit.unavailable', failure: FAILURE }, { RateLimitUnavailable: '1 Count' }],
    ]),
  )('of %s are the documented ones', (_title, event, expected) => {
    const metrics = metricsOf(event).map(([name, value, unit = 'Count']) => [name, `${value} ${unit}`]);

    expect(Object.fromEntries(metrics)).toEqual(expected);
  });

  it.each<RelayEvent>([
    { event: 'sweep.failed', part: 'scan', failure: FAILURE },
    { event: 'ledger.erased', count: 3 },
    { event: 'ledger.scanned', entries: 12, isDone: true },
    { event: 'optout.overdue', overdue: [], more: 0 },
  ])('of $event do not exist', (event) => {
    expect(metricsOf(event)).toEqual([]);
  });
});

describe('the source of a metric', () => {
  const reason = 'no secret is configured for this source';

  it.each<[RelayEvent, string | undefined]>([
    [{ event: 'signals.ignored', source: 'sendgrid', count: 1 }, 'sendgrid'],
    [{ event: 'optout.requeued', optOut: sampleOptOut() }, 'sendgrid'],
    [{ event: 'request.unauthenticated', source: 'klaviyo', reason: 'no configured secret matches' }, 'klaviyo'],
    [{ event: 'request.unauthenticated', source: 'klaviyo', reason, hasSecret: false }, 'no-secret'],
    [{ event: 'link.opened' }, undefined],
  ])('of %j is %s', (event, source) => {
    expect(sourceOf(event)).toBe(source);
  });
});

it.each<[RelayEvent, boolean]>([
  [{ event: 'request.failed', failure: FAILURE }, true],
  [{ event: 'delivery.failed', messageId: 'm1', failure: FAILURE }, true],
  [{ event: 'rate_limit.unavailable', failure: FAILURE }, false],
  [{ event: 'request.unauthenticated', source: 'klaviyo', reason: 'no configured secret matches' }, false],
])('says of %j whether a bad version of the function can cause it: %s', (event, expected) => {
  expect(isFault(event)).toBe(expected);
});
