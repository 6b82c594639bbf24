import { describe, expect, it } from 'vitest';
import { createCircuitBreaker } from '../../../functions/core/delivery/circuit-breaker.ts';

const LIMITS = { failures: 3, firstPauseMs: 5_000, longestPauseMs: 12_000, trialMs: 15_000 };

/** A circuit after so many failed calls at time 0. */
function failed(times: number) {
  const circuit = createCircuitBreaker(LIMITS);
  const pauses = Array.from({ length: times }, () => circuit.ended(false, 0));
  return { circuit, pauses };
}

describe('a circuit', () => {
  it('lets every call through as long as not enough of them fail in a row', () => {
    const { circuit } = failed(2);
    circuit.ended(true, 0);
    circuit.ended(false, 0);
    circuit.ended(false, 0);

    expect([circuit.enter(0), circuit.enter(0), circuit.pauseMs(0)]).toEqual([0, 0, 0]);
  });

  it('pauses all calls from the last failure that it takes, and says once that it does', () => {
    const { circuit, pauses } = failed(3);

    expect(pauses).toEqual([undefined, undefined, 5_000]);
    expect([0, 1, 4_999].map((ms) => circuit.enter(ms))).toEqual([5_000, 4_999, 1]);
  });

  it('lets a single trial through after the pause, and nobody beside it', () => {
    const { circuit } = failed(3);

    expect(circuit.pauseMs(5_000)).toBe(0);
    expect(circuit.enter(5_000)).toBe(0);
    expect(circuit.enter(5_000)).toBe(15_000);
    expect(circuit.pauseMs(5_001)).toBe(14_999);
  });

  it('goes on at once when the trial succeeds', () => {
    const { circuit } = failed(3);
    circuit.enter(5_000);

    expect(circuit.ended(true, 5_100)).toBeUndefined();

    expect([circuit.enter(5_100), circuit.enter(5_100)]).toEqual([0, 0]);
    expect([circuit.ended(false, 5_200), circuit.ended(false, 5_200)]).toEqual([undefined, undefined]);
  });

  it('doubles the pause with each trial that fails, up to the longest', () => {
    const { circuit } = failed(3);

    expect([1, 2, 3].map((trial) => circuit.ended(false, trial * 100_000))).toEqual([10_000, 12_000, 12_000]);
    expect(circuit.pauseMs(300_000)).toBe(12_000);
  });

  it('lets another trial through when the first one never ends', () => {
    const { circuit } = failed(3);
    circuit.enter(5_000);

    expect(circuit.enter(19_999)).toBe(1);
    expect(circuit.enter(20_000)).toBe(0);
    expect(circuit.enter(20_000)).toBe(15_000);
  });

  it('takes five failures, and pauses for 5 s to a minute, when nobody says otherwise', () => {
    const circuit = createCircuitBreaker();

    const pauses = Array.from({ length: 10 }, () => circuit.ended(false, 0));

    expect(pauses.map((ms) => ms && ms / 1000)).toEqual([...Array(4).fill(undefined), 5, 10, 20, 40, 60, 60]);
    expect([circuit.enter(60_000), circuit.enter(60_000)]).toEqual([0, 15_000]);
  });
});
