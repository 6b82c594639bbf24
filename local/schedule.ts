/** A function that runs on a schedule: one run at a time, and the first one at once. */
export interface Schedule {
  /** One more run, as if the schedule had begun it at that time (default: now). Rejects when the run has failed. */
  run(at?: Date): Promise<void>;
  /** Resolves once the run at hand has ended. */
  stop(): Promise<void>;
}

export interface Scheduled {
  readonly everySeconds: number;
  /** Runs the function. What it throws is in its log already. */
  readonly invoke: (event: { readonly time: string }) => Promise<unknown>;
}

/** EventBridge's rules with a rate. */
export function startSchedule({ everySeconds, invoke }: Scheduled): Schedule {
  let last = Promise.resolve();
  const run = async (at: Date): Promise<void> => {
    await invoke({ time: at.toISOString() });
  };
  const next = (at = new Date()): Promise<void> => {
    const running = last.then(() => run(at));
    last = running.catch(() => undefined);
    return running;
  };
  const begin = () => void next().catch(() => undefined);
  const timer = setInterval(begin, everySeconds * 1000);
  begin();
  return {
    run: next,
    async stop() {
      clearInterval(timer);
      await last;
    },
  };
}
