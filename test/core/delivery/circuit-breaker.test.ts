import { describe, expect, it } from 'vitest';
import { createCircuitBreaker } from '../../../functions/core/delivery/circuit-breaker.ts';

const LIMITS = { failures: 3, firstPauseMs: 5_000, longestPauseMs: 12_000, trialMs: 15_000 };

/** A circuit breaker after failed calls at time 0. */
function failed(times: number) {
  const circuit = createCircuitBreaker(LIMITS);
  const pauses = Array.from({ length: times }, () => circuit.record(false, 0));
  return { circuit, pauses };
}

describe('a circuit breaker', () => {
  it('allows every call until enough of them fail in a row', () => {
    const { circuit } = failed(2);
    circuit.record(true, 0);
    circuit.record(false, 0);
    circuit.record(false, 0);

    expect([circuit.enter(0), circuit.enter(0), circuit.pauseMs(0)]).toEqual([0, 0, 0]);
  });

  it('pauses all calls after the last of these failures and returns the pause once', () => {
    const { circuit, pauses } = failed(3);

    expect(pauses).toEqual([undefined, undefined, 5_000]);
    expect([0, 1, 4_999].map((ms) => circuit.enter(ms))).toEqual([5_000, 4_999, 1]);
  });

  it('allows a single trial after the pause', () => {
    const { circuit } = failed(3);

    expect(circuit.pauseMs(5_000)).toBe(0);
    expect(circuit.enter(5_000)).toBe(0);
    expect(circuit.enter(5_000)).toBe(15_000);
    expect(circuit.pauseMs(5_001)).toBe(14_999);
  });

  it('allows every call as soon as the trial succeeds', () => {
    const { circuit } = failed(3);
    circuit.enter(5_000);

    expect(circuit.record(true, 5_100)).toBeUndefined();

    expect([circuit.enter(5_100), circuit.enter(5_100)]).toEqual([0, 0]);
    expect([circuit.record(false, 5_200), circuit.record(false, 5_200)]).toEqual([undefined, undefined]);
  });

  it('doubles the pause with each failed trial, up to the longest', () => {
    const { circuit } = failed(3);

    expect([1, 2, 3].map((trial) => circuit.record(false, trial * 100_000))).toEqual([10_000, 12_000, 12_000]);
    expect(circuit.pauseMs(300_000)).toBe(12_000);
  });

  it('allows another trial if the first one never ends', () => {
    const { circuit } = failed(3);
    circuit.enter(5_000);

    expect(circuit.enter(19_999)).toBe(1);
    expect(circuit.enter(20_000)).toBe(0);
    expect(circuit.enter(20_000)).toBe(15_000);
  });

  it('starts after five failures and pauses for 5 to 60 seconds by default', () => {
    const circuit = createCircuitBreaker();

    const pauses = Array.from({ length: 10 }, () => circuit.record(false, 0));

    expect(pauses.map((ms) => ms && ms / 1000)).toEqual([...Array(4).fill(undefined), 5, 10, 20, 40, 60, 60]);
    expect([circuit.enter(60_000), circuit.enter(60_000)]).toEqual([0, 15_000]);
  });
});
