import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createResultBus } from '../../functions/aws/eventbridge.ts';
import type { OptOut } from '../../functions/core/model/opt-out.ts';
import type { Outcome } from '../../functions/core/model/outcome.ts';
import type { RelayEvent } from '../../functions/core/model/telemetry.ts';
import type { PutEvent } from '../../local/aws/event-bridge.ts';
import { startEventBridge } from '../../local/aws/event-bridge.ts';
import { allOf, aws, formsOf, forwarding, listening } from './listening.ts';
import { CONTACT, EMAIL, RECEIVED_AT, sampleContactOptOut, sampleOptOut } from './sample-opt-out.ts';

const CLOSED_AT = '2026-11-23T10:00:00.250Z';
const CONFIRMED: Outcome = { kind: 'confirmed', evidence: 'read-back', changed: false, correlationId: 'c-1' };
const result = (outcome: Outcome, optOut: OptOut = sampleOptOut()) => ({
  optOut,
  outcome,
  closedAt: new Date(CLOSED_AT),
});

/** Creates a publisher to an emulated bus, and records the entries, the calls and the reported events. */
async function bus(options: { withAddress?: boolean; url?: string } = {}) {
  const put: PutEvent[] = [];
  const bridge = await startEventBridge({ port: 0, onEvent: (event) => void put.push(event) });
  const calls = await forwarding(bridge.url);
  const client = new EventBridgeClient(aws(options.url ?? calls.url));
  onTestFinished(async () => {
    client.destroy();
    await bridge.close();
  });
  const events: RelayEvent[] = [];
  const report = (event: RelayEvent) => void events.push(event);
  const publish = createResultBus(client, { bus: 'crm', withAddress: options.withAddress ?? false, report });
  return { publish, put, events, requests: calls.requests };
}

describe('createResultBus', () => {
  it('publishes a result without the recipient', async () => {
    const { publish, put, events } = await bus();

    await publish([result(CONFIRMED)]);

    expect(put).toEqual([
      {
        id: expect.any(String),
        source: 'optout-relay',
        detailType: 'Opt-Out Confirmed',
        busName: 'crm',
        resources: [],
        time: '2026-11-23T10:00:00Z',
        detail: {
          version: 1,
          id: sampleOptOut().id,
          source: 'sendgrid',
          kind: 'opt_out',
          outcome: 'confirmed',
          evidence: 'read-back',
          changed: false,
          correlationId: 'c-1',
          occurredAt: '2026-11-23T09:59:00.000Z',
          receivedAt: RECEIVED_AT,
          closedAt: CLOSED_AT,
        },
      },
    ]);
    for (const form of formsOf(EMAIL)) expect(allOf(put)).not.toContain(form);
    expect(events).toEqual([]);
  });

  it.each<[Outcome, string, object]>([
    [
      { kind: 'rejected', status: 400, category: 'VALIDATION_ERROR' },
      'Rejected',
      { status: 400, category: 'VALIDATION_ERROR' },
    ],
    [{ kind: 'held', reason: 'ambiguous' }, 'Held', { reason: 'ambiguous' }],
    [{ kind: 'superseded' }, 'Superseded', {}],
  ])('publishes each outcome with its detail type: %j', async (outcome, type, fields) => {
    const { publish, put } = await bus();

    await publish([result(outcome)]);

    expect(put).toMatchObject([{ detailType: `Opt-Out ${type}`, detail: { outcome: outcome.kind, ...fields } }]);
  });

  it('includes the address, or the contact id, if withAddress is set', async () => {
    const { publish, put } = await bus({ withAddress: true });

    await publish([result(CONFIRMED), result(CONFIRMED, sampleContactOptOut())]);

    expect(put.map(({ detail }) => detail)).toMatchObject([{ email: EMAIL }, { contactId: CONTACT }]);
  });

  it('does not publish deferred and duplicate outcomes', async () => {
    const { publish, requests } = await bus();

    await publish([result({ kind: 'deferred', retryAfterSeconds: 9 }), result({ kind: 'duplicate' })]);
    await publish([]);

    expect(requests).toEqual([]);
  });

  it('publishes up to 10 results per call', async () => {
    const { publish, put, requests } = await bus();

    await publish(Array(10).fill(result(CONFIRMED)));
    expect(requests).toHaveLength(1);
    await publish(Array(11).fill(result(CONFIRMED)));

    expect(requests).toHaveLength(3);
    expect(put).toHaveLength(21);
  });

  it.each<[string, number, object, number]>([
    ['refuses the call', 400, { __type: 'ResourceNotFoundException', message: EMAIL }, 2],
    [
      'accepts only some entries',
      200,
      { FailedEntryCount: 1, Entries: [{ EventId: '1' }, { ErrorCode: 'ThrottlingException' }] },
      1,
    ],
  ])('reports the failure and resolves if the bus %s', async (_what, status, body, count) => {
    const { url } = await listening((response) => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
    });
    const { publish, events } = await bus({ url });

    await publish([result(CONFIRMED), result(CONFIRMED)]);

    expect(events).toEqual([
      { event: 'result.publish_failed', count, reason: expect.stringMatching(/^\w+Exception$/) },
    ]);
  });

  it('reports the failure and resolves if the bus cannot be reached', async () => {
    const { publish, events } = await bus({ url: 'http://127.0.0.1:1' });

    await publish([result(CONFIRMED)]);

    expect(events).toMatchObject([{ event: 'result.publish_failed', count: 1 }]);
  });

  it('waits at most three seconds, including the retries of the SDK', async () => {
    const limit = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(AbortSignal.abort());
    onTestFinished(() => limit.mockRestore());
    const { publish, events } = await bus();

    await publish([result(CONFIRMED)]);

    expect(limit).toHaveBeenCalledWith(3_000);
    expect(events).toEqual([{ event: 'result.publish_failed', count: 1, reason: 'AbortError' }]);
  });
});
