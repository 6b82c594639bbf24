import type { ProofResult } from './harness/proof.ts';

/** The proofs by name, in full size. `npm test` runs them in a smaller size. */
export const PROOFS: Readonly<Record<string, () => Promise<ProofResult>>> = {
  hostile: async () =>
    (await import('./hostile/hostile.ts')).proveHostileInput({
      runs: 300,
      every: 1,
      costs: { every: 1, share: 1 },
    }),
  crash: async () => (await import('./crash/crash.ts')).proveCrashPoints({ every: 1 }),
  secrets: async () =>
    (await import('./secrets/secrets.ts')).proveNothingLeaks({ fixtures: 100, timeouts: true, every: 1 }),
  rotation: async () => (await import('./rotation/rotation.ts')).proveRotation({ calls: 10 }),
  load: async () => (await import('./load/load.ts')).proveLoad({ senders: 20, kinds: 20, each: 250, outage: 100 }),
  order: async () => (await import('./order/order.ts')).proveOrder({ histories: 20_000 }),
  rate: async () =>
    (await import('./rate/rate.ts')).proveRate({
      commands: 2_000,
      per10Seconds: 190,
      instances: [1, 2, 5],
      minShare: 0.95,
      work: (await import('./rate/calls.ts')).WORK,
      ceilingOptOuts: 10_000,
    }),
};
