/** How far a long list is. */
export interface Progress {
  /** One more is done; `share` of the list has been read, from 0 to 1, where that can be known. */
  step(share: number | undefined): void;
  /** Writes a line that stays. */
  say(text: string): void;
  /** Takes the moving line away. */
  end(): void;
}

/** A terminal, or what stands for one. */
export interface Screen {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const SILENT_MS = 1_000;
const EVERY_MS = 250;
const CLEAR = '\r\u001b[K';

/** A line on a terminal that counts, once the list has proven long; nothing moves where nobody looks or `isMoving` is false. */
export function startProgress(screen: Screen, isMoving: boolean): Progress {
  const startedAtMs = performance.now();
  let done = 0;
  let known: number | undefined;
  let isShown = false;
  const show = () => {
    const elapsedMs = performance.now() - startedAtMs;
    if (elapsedMs < SILENT_MS) return;
    isShown = true;
    screen.write(`${CLEAR}${progressLine({ done, elapsedMs, share: known })}`);
  };
  const timer = screen.isTTY && isMoving ? setInterval(show, EVERY_MS) : undefined;
  timer?.unref();
  const clear = () => {
    if (isShown) screen.write(CLEAR);
    isShown = false;
  };
  return {
    step(share) {
      done += 1;
      known = share;
    },
    say(text) {
      clear();
      screen.write(`${text}\n`);
    },
    end() {
      clearInterval(timer);
      clear();
    },
  };
}

/** `12,400 addresses, 8,266 a second, 0:42 left`; the time only where the share is known. */
export function progressLine(at: {
  readonly done: number;
  readonly elapsedMs: number;
  readonly share: number | undefined;
}): string {
  const { done, elapsedMs, share } = at;
  const count = `${done.toLocaleString('en')} addresses, ${Math.round(done / (elapsedMs / 1000)).toLocaleString('en')} a second`;
  if (!share) return count;
  const leftSeconds = Math.round((elapsedMs / 1000) * (1 / Math.min(share, 1) - 1));
  return `${count}, ${Math.floor(leftSeconds / 60)}:${String(leftSeconds % 60).padStart(2, '0')} left`;
}
