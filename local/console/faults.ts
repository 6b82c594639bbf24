/** A way to break the simulated HubSpot. */
export interface Fault {
  readonly label: string;
  /** What HubSpot does. */
  readonly short: string;
  /** As the simulator's `POST /_sim/faults` takes it, without `times`. */
  readonly plan: Readonly<Record<string, unknown>>;
  /** What one should then see. */
  readonly see: string;
}

const WRITES = { method: 'POST', match: 'unsubscribe-all' };

/** By the name in `POST /_local/break/{fault}`. */
export const faults: Readonly<Record<string, Fault>> = {
  down: {
    label: 'Down (503)',
    short: 'fails every call',
    plan: { status: 503 },
    see: 'Every call gets a 503. An opt-out is still answered at once, since the queue has it; it is deferred for about 2, 4, 8 … seconds and comes again by itself.',
  },
  'too-fast': {
    label: 'Too fast (429)',
    short: 'says “not before 3 seconds”',
    plan: { status: 429, headers: { 'Retry-After': '3' } },
    see: 'HubSpot says “not before 3 seconds” (Retry-After). The relay waits for as long as it was told, with everything else it has for HubSpot too.',
  },
  slow: {
    label: 'Slow (6 s)',
    short: 'answers later than we wait',
    plan: { ...WRITES, delayMs: 6000 },
    see: 'The relay hangs up after 5 seconds; HubSpot carries the write out after 6. The next attempt asks before it writes, finds it done, and nothing is written twice.',
  },
  cut: {
    label: 'Cut after the write',
    short: 'does it, and nobody hears',
    plan: { ...WRITES, drop: 'after' },
    see: 'HubSpot writes, then the line is cut before its answer. The next attempt asks first: confirmed by read-back, with one write only.',
  },
  'wrong-token': {
    label: 'Wrong token (401)',
    short: 'does not know us any more',
    plan: { status: 401 },
    see: 'The token is read again at once, in case it was rotated a moment ago. Still 401: the opt-out waits 30 seconds and an alarm rings. Mend it, and all that waited goes through.',
  },
};

/** The simulator's control paths for faults. */
export interface FaultPlan {
  /** Takes the place of whatever was broken. `times`: for so many calls; otherwise until it is mended. */
  break(name: string, times?: number): Promise<void>;
  mend(): Promise<void>;
  /** The fault at hand and for how many calls yet; undefined while HubSpot is whole. */
  current(): Promise<{ readonly name: string; readonly left: number } | undefined>;
}

const FOR_EVER = 1_000_000;

export function planFaultsAt(simulatorUrl: string): FaultPlan {
  let name = '';
  const url = `${simulatorUrl}/_sim/faults`;
  const post = async (planned: readonly object[]) => {
    const response = await fetch(url, { method: 'POST', body: JSON.stringify(planned) });
    if (!response.ok) throw new Error(`the simulator answered ${response.status}`);
  };
  return {
    async break(fault, times = FOR_EVER) {
      await post([]);
      name = fault;
      await post([{ ...faults[fault]?.plan, times }]);
    },
    mend: () => post([]),
    async current() {
      const planned: unknown = await (await fetch(url)).json();
      const left = Array.isArray(planned) ? planned.reduce((sum, { times = 1 }) => sum + times, 0) : 0;
      return left > 0 ? { name, left } : undefined;
    },
  };
}
