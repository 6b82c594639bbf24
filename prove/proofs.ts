import type { Proven } from './harness/proof.ts';

/** By name, each in the size that convinces; `npm test` runs the same in a smaller one. */
export const PROOFS: Readonly<Record<string, () => Promise<Proven>>> = {
  hostile: async () => (await import('./hostile/hostile.ts')).proveHostileInput({ runs: 300, every: 1 }),
  crash: async () => (await import('./crash/crash.ts')).proveCrashPoints({ every: 1 }),
  secrets: async () =>
    (await import('./secrets/secrets.ts')).proveNothingLeaks({ fixtures: 100, silent: true, every: 1 }),
  rotation: async () => (await import('./rotation/rotation.ts')).proveRotation({ calls: 10 }),
  load: async () => (await import('./load/load.ts')).proveLoad({ senders: 20, kinds: 20, each: 250, outage: 100 }),
  order: async () => (await import('./order/order.ts')).proveOrder({ stories: 20_000 }),
  rate: async () =>
    (await import('./rate/rate.ts')).proveRate({
      commands: 2_000,
      per10Seconds: 190,
      instances: [1, 2, 5],
      atLeast: 0.95,
    }),
};

/** What bounds the memory of a proof, where bounded memory is a part of what it proves: a function has 512 MB. */
export const HEAP_MB: Readonly<Record<string, number>> = { hostile: 384 };
