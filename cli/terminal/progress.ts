import { spanOf } from './format.ts';

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

export interface Shown {
  /** False while what is made goes to the same terminal. */
  readonly isMoving: boolean;
  /** What is counted. */
  readonly what: string;
}

/** A line on a terminal that counts, once the list has proven long; nothing moves where nobody looks. */
export function startProgress(screen: Screen, { isMoving, what }: Shown): Progress {
  const startedAtMs = performance.now();
  let done = 0;
  let known: number | undefined;
  let isShown = false;
  const show = () => {
    const elapsedMs = performance.now() - startedAtMs;
    if (elapsedMs < SILENT_MS) return;
    isShown = true;
    screen.write(`${CLEAR}${progressLine({ done, elapsedMs, share: known }, what)}`);
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

export interface At {
  readonly done: number;
  readonly elapsedMs: number;
  readonly share: number | undefined;
}

/** `12,400 addresses, 8,266 a second, 0:42 left`; the time only where the share is known. */
export function progressLine({ done, elapsedMs, share }: At, what: string): string {
  const rate = done / (elapsedMs / 1000);
  const perSecond = rate.toLocaleString('en', { maximumFractionDigits: rate < 10 ? 1 : 0 });
  const count = `${done.toLocaleString('en')} ${what}, ${perSecond} a second`;
  if (!share) return count;
  const leftSeconds = Math.round((elapsedMs / 1000) * (1 / Math.min(share, 1) - 1));
  return `${count}, ${leftSeconds > LONG_SECONDS ? spanOf(leftSeconds * 1000) : clockOf(leftSeconds)} left`;
}

/** From then on nobody counts seconds. */
const LONG_SECONDS = 6_000;

function clockOf(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
