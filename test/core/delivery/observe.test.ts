import { describe, expect, it } from 'vitest';
import { deliver } from '../../../functions/core/delivery/deliver.ts';
import type { HubSpotResponse } from '../../../functions/core/delivery/hubspot.ts';
import { ADA, optOut, plus, row, shows, wideRow } from '../examples.ts';
import { deliverPorts } from './deliver-ports.ts';

const notOptedOut = shows([]);
/** Set by somebody else after the attempt began. */
const optedOut = shows([wideRow({ timestamp: plus(1).toISOString() })]);
const unknownAddress: HubSpotResponse = { status: 404, category: 'OBJECT_NOT_FOUND', hasErrorBody: true };
const old = optOut({ occurredAt: plus(-7_200).toISOString(), receivedAt: plus(-7_200).toISOString() });
const optedInSince = row({ status: 'SUBSCRIBED', timestamp: plus(-60).toISOString() });

const observing = (responses: readonly HubSpotResponse[], change = {}) =>
  deliverPorts(responses, { mode: 'observe', ...change });

describe('an attempt in observe mode', () => {
  it.each([
    ['has not recorded the opt-out', notOptedOut, true],
    ['does not know the address', unknownAddress, true],
    ['has recorded the opt-out already', optedOut, false],
  ])('reads once and writes nothing if HubSpot %s', async (_what, response, changed) => {
    const { ports, calls, ledger } = observing([response]);

    const { outcome } = await deliver(optOut(), ports);

    expect(outcome).toMatchObject({ kind: 'observed', changed });
    expect(outcome).not.toHaveProperty('evidence');
    expect(calls).toEqual(['readStatus']);
    expect(await ledger.find(optOut().id)).toMatchObject({ state: 'observed', changed });
  });

  it('names the business units that would have been unsubscribed', async () => {
    const types = [
      { id: '1', businessUnitId: '0' },
      { id: '7001', businessUnitId: '7' },
    ];
    const { ports, subjects } = observing([notOptedOut, notOptedOut], {
      readDefinitions: () => ({ status: 200, types }),
    });

    const { outcome } = await deliver(optOut(), ports);

    expect(outcome).toMatchObject({ kind: 'observed', changed: true, businessUnits: ['0', '7'] });
    expect(subjects).toEqual([
      { email: ADA, businessUnitId: '0' },
      { email: ADA, businessUnitId: '7' },
    ]);
  });

  it('names the subscription types of an old signal that would have been kept', async () => {
    const types = shows([
      row({ subscriptionId: '8', status: 'SUBSCRIBED', timestamp: plus(-9_999).toISOString() }),
      optedInSince,
    ]);
    const { ports, calls } = observing([types, notOptedOut]);

    const { outcome } = await deliver(old, ports);

    expect(outcome).toMatchObject({ kind: 'observed', changed: true, kept: [String(optedInSince.subscriptionId)] });
    expect(calls).toEqual(['readSubscriptions', 'readStatus']);
  });

  it('is superseded like a live one if nothing but newer opt-ins is left', async () => {
    const written = row({ subscriptionId: '8', timestamp: plus(1).toISOString() });
    const { ports } = observing([shows([written, optedInSince])]);

    expect((await deliver(old, ports)).outcome).toMatchObject({ kind: 'superseded' });
  });

  it.each([0, 401, 403, 429, 503])('is deferred, without a write, if HubSpot responds with %d', async (status) => {
    const { ports, calls, completions } = observing([{ status }]);

    expect((await deliver(optOut(), ports)).outcome.kind).toBe('deferred');
    expect(calls).toEqual(['readStatus']);
    expect(completions).toMatchObject([{ isSent: false }]);
  });

  it('holds what live mode would hold', async () => {
    const { ports, calls } = observing([], { isOverSurgeLimit: async () => true });

    expect((await deliver(optOut(), ports)).outcome).toEqual({ kind: 'held', reason: 'surge-limit' });
    expect(calls).toEqual([]);
  });
});

describe('an observed opt-out', () => {
  it('is not carried out by its own repetition, but once it is reopened in live mode', async () => {
    const { ports, operatorLedger, ledger } = observing([notOptedOut, shows([row()])]);
    const live = { ...ports, mode: 'live' as const };
    await deliver(optOut(), ports);

    expect((await deliver(optOut(), live)).outcome).toEqual({ kind: 'duplicate' });
    expect(await operatorLedger.reopen(optOut().id, 'observed', plus(60))).toEqual(optOut());
    expect((await deliver(optOut(), live)).outcome).toMatchObject({ kind: 'confirmed', evidence: 'response' });

    expect(await ledger.find(optOut().id)).toMatchObject({ state: 'confirmed', attempts: 2 });
  });
});
