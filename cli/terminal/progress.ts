import { formatDuration } from './format.ts';

/** Shows how far a long run is. */
export interface Progress {
  /** Counts one item. `share` is the part of the input read so far, from 0 to 1, if it is known. */
  step(share: number | undefined): void;
  /** Prints a line above the counter. */
  print(text: string): void;
  /** Removes the counter. */
  end(): void;
}

export interface Screen {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export interface ProgressOptions {
  /** False if the results themselves go to the terminal. */
  readonly isShown: boolean;
  /** Plural: `addresses`. */
  readonly noun: string;
  /** Time between two lines where there is no terminal. @default a minute */
  readonly lineMs?: number;
}

const SHOW_AFTER_MS = 1_000;
const REFRESH_MS = 250;
const CLEAR = '\r\u001b[K';

/** Elsewhere than on a terminal, such as in a log, a line is written this often. */
const LINE_MS = 60_000;

/** Shows a counter on a terminal once the run takes longer than a second. Elsewhere it writes a line every minute. */
export function startProgress(screen: Screen, { isShown, noun, lineMs = LINE_MS }: ProgressOptions): Progress {
  const startedAtMs = performance.now();
  let done = 0;
  let lastShare: number | undefined;
  let isOnScreen = false;
  const show = () => {
    const elapsedMs = performance.now() - startedAtMs;
    if (elapsedMs < SHOW_AFTER_MS) return;
    isOnScreen = true;
    screen.write(`${CLEAR}${progressLine({ done, elapsedMs, share: lastShare }, noun)}`);
  };
  const line = () => {
    const elapsedMs = performance.now() - startedAtMs;
    screen.write(`${progressLine({ done, elapsedMs, share: lastShare }, noun)}\n`);
  };
  const timer = isShown ? setInterval(screen.isTTY ? show : line, screen.isTTY ? REFRESH_MS : lineMs) : undefined;
  timer?.unref();
  const clear = () => {
    if (isOnScreen) screen.write(CLEAR);
    isOnScreen = false;
  };
  return {
    step(share) {
      done += 1;
      lastShare = share;
    },
    print(text) {
      clear();
      screen.write(`${text}\n`);
    },
    end() {
      clearInterval(timer);
      clear();
    },
  };
}

export interface Position {
  readonly done: number;
  readonly elapsedMs: number;
  readonly share: number | undefined;
}

/** `12,400 addresses, 8,266 a second, 0:42 left`; without the time left if the share is unknown. */
export function progressLine({ done, elapsedMs, share }: Position, noun: string): string {
  const rate = done / (elapsedMs / 1000);
  const perSecond = rate.toLocaleString('en', { maximumFractionDigits: rate < 10 ? 1 : 0 });
  const count = `${done.toLocaleString('en')} ${noun}, ${perSecond} a second`;
  if (!share) return count;
  const leftSeconds = Math.round((elapsedMs / 1000) * (1 / Math.min(share, 1) - 1));
  return `${count}, ${leftSeconds > LONG_SECONDS ? formatDuration(leftSeconds * 1000) : minutes(leftSeconds)} left`;
}

/** Longer times are shown without seconds. */
const LONG_SECONDS = 6_000;

function minutes(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
