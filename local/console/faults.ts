import { isDeepStrictEqual } from 'node:util';

/** A way to make the simulated HubSpot fail. */
export interface Fault {
  readonly label: string;
  /** What HubSpot does. */
  readonly short: string;
  /** The body of `POST /_sim/faults`, without `times`. */
  readonly plan: Readonly<Record<string, unknown>>;
  /** What to expect. */
  readonly see: string;
}

const WRITES = { method: 'POST', match: 'unsubscribe-all' };

/** Faults by name, as in `POST /_local/break/{fault}`. */
export const faults: Readonly<Record<string, Fault>> = {
  down: {
    label: 'Down (503)',
    short: 'fails every call',
    plan: { status: 503 },
    see: 'Every call gets a 503. Senders still get a 200 at once, because the opt-out is on the queue. It is deferred for about 2, 4, 8 … seconds and retried.',
  },
  'too-fast': {
    label: 'Rate limit (429)',
    short: 'sends Retry-After: 3',
    plan: { status: 429, headers: { 'Retry-After': '3' } },
    see: 'HubSpot responds with Retry-After: 3. The relay pauses all its calls to HubSpot for 3 seconds.',
  },
  slow: {
    label: 'Slow (6 s)',
    short: 'responds after the timeout',
    plan: { ...WRITES, delayMs: 6000 },
    see: 'The relay times out after 5 seconds, and HubSpot completes the write after 6. The next attempt reads the status before it writes, so nothing is written twice.',
  },
  cut: {
    label: 'Connection lost',
    short: 'writes, but the response is lost',
    plan: { ...WRITES, drop: 'after' },
    see: 'HubSpot completes the write, then the connection breaks. The next attempt reads the status first: confirmed by read-back, with a single write.',
  },
  'wrong-token': {
    label: 'Wrong token (401)',
    short: 'rejects the token',
    plan: { status: 401 },
    see: 'The relay reads the token again, because it may have just been rotated. After a second 401 the opt-out waits 30 seconds, and on AWS an alarm fires. Repair HubSpot, and the waiting opt-outs go through.',
  },
};

/** Sets and reads the fault of the simulator. */
export interface FaultPlan {
  /** Replaces the current fault. `times`: number of calls. @default until `repair` */
  break(name: string, times?: number): Promise<void>;
  repair(): Promise<void>;
  /** Returns the planned fault, or undefined. */
  current(): Promise<PlannedFault | undefined>;
}

/** A fault of the simulator, from the console or another client. */
export interface PlannedFault {
  /** A name in {@link faults}, or `other`. */
  readonly name: string;
  /** The remaining calls. Undefined until `repair`. */
  readonly left?: number;
}

export function planFaultsAt(simulatorUrl: string): FaultPlan {
  const url = `${simulatorUrl}/_sim/faults`;
  const post = async (planned: readonly object[]) => {
    const response = await fetch(url, { method: 'POST', body: JSON.stringify(planned) });
    if (!response.ok) throw new Error(`the simulator responded with ${response.status}`);
  };
  return {
    async break(fault, times) {
      await post([]);
      await post([{ ...faults[fault]?.plan, times }]);
    },
    repair: () => post([]),
    async current() {
      const planned: unknown = await (await fetch(url)).json();
      return Array.isArray(planned) && planned.length > 0 ? plannedFault(planned) : undefined;
    },
  };
}

interface Planned {
  /** If omitted, every call until the faults are removed. */
  readonly times?: number;
}

function plannedFault(planned: readonly Planned[]): PlannedFault {
  const [{ times: _times, ...first } = {}] = planned;
  const isOurs = ([, { plan }]: [string, Fault]) => planned.length === 1 && isDeepStrictEqual(plan, first);
  const [name] = Object.entries(faults).find(isOurs) ?? ['other'];
  if (planned.some(({ times }) => times === undefined)) return { name };
  return { name, left: planned.reduce((sum, { times = 0 }) => sum + times, 0) };
}
