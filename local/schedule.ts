/** A function on a schedule. Runs never overlap; the first is immediate. */
export interface Schedule {
  /** Runs the function now, with `at` as its scheduled time. Rejects if the run fails. @default now */
  run(at?: Date): Promise<void>;
  /** Resolves after the current run. */
  stop(): Promise<void>;
}

export interface Scheduled {
  readonly everySeconds: number;
  /** Invokes the function, which logs its own errors. */
  readonly invoke: (event: { readonly time: string }) => Promise<unknown>;
}

/** Starts a schedule with a fixed rate, as an EventBridge rule does. */
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
