import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { progressLine, startProgress } from '../../../cli/terminal/progress.ts';

const shown = { isShown: true, noun: 'addresses' };

describe('progressLine', () => {
  it.each([
    [{ done: 12_400, elapsedMs: 1_500, share: 0.25 }, '12,400 addresses, 8,267 a second, 0:05 left'],
    [{ done: 1, elapsedMs: 60_000, share: 0.01 }, '1 addresses, 0 a second, 99:00 left'],
    [{ done: 9, elapsedMs: 36_000, share: 0.001 }, '9 addresses, 0.3 a second, 9 h 59 min left'],
    [{ done: 10, elapsedMs: 1_000, share: 1.2 }, '10 addresses, 10 a second, 0:00 left'],
    [{ done: 10, elapsedMs: 1_000, share: undefined }, '10 addresses, 10 a second'],
    [{ done: 0, elapsedMs: 1_000, share: 0 }, '0 addresses, 0 a second'],
  ])('formats %j as %s', (position, line) => {
    expect(progressLine(position, 'addresses')).toBe(line);
  });
});

function screen(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, written, write: (text: string) => written.push(text) };
}

describe('startProgress', () => {
  it('prints messages at once, and no counter for a short run', () => {
    const terminal = screen(true);
    const progress = startProgress(terminal, shown);

    progress.step(1);
    progress.print('line 1: no');
    progress.end();

    expect(terminal.written).toEqual(['line 1: no\n']);
  });

  it('shows a counter on a terminal in a long run, clears it for messages, and removes it at the end', async () => {
    const [terminal, log, own] = [screen(true), screen(false), screen(true)];
    const all = [
      startProgress(terminal, shown),
      startProgress(log, shown),
      startProgress(own, { ...shown, isShown: false }),
    ];
    for (const progress of all) progress.step(0.5);

    // The counter appears after a second.
    await sleep(800);
    await sleep(600);
    for (const progress of all) {
      progress.print('printed');
      progress.end();
    }

    expect(terminal.written[0]).toMatch(/^\r\S+1 addresses, [\d.]+ a second, 0:01 left$/);
    expect(terminal.written.slice(-2)).toEqual(['\r\u001b[K', 'printed\n']);
    expect(log.written).toEqual(['printed\n']);
    expect(own.written).toEqual(['printed\n']);
  });

  it('writes a line at intervals where there is no terminal', async () => {
    const log = screen(false);
    const progress = startProgress(log, { ...shown, lineMs: 20 });
    progress.step(0.5);

    await sleep(100);
    progress.end();
    const count = log.written.length;
    await sleep(60);

    expect(count).toBeGreaterThan(0);
    expect(log.written).toHaveLength(count);
    expect(log.written[0]).toMatch(/^1 addresses, [\d.,]+ a second, 0:00 left\n$/);
  });
});
