/** `2026-11-23 02:44:11`, UTC, of an ISO time. */
export function timeOf(iso: string): string {
  return iso.slice(0, 'yyyy-mm-ddThh:mm:ss'.length).replace('T', ' ');
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

/** `3 d 4 h`, `12 min 5 s`, `140 ms`: the two largest units of it. */
export function spanOf(ms: number): string {
  const at = UNITS.findIndex(([, unitMs]) => ms >= unitMs);
  if (at < 0) return `${Math.max(0, Math.round(ms))} ms`;
  const parts = UNITS.slice(at, at + 2).map(([unit, unitMs], index) => {
    const [, largerMs] = UNITS[at + index - 1] ?? ['', Number.POSITIVE_INFINITY];
    return [Math.floor((ms % largerMs) / unitMs), unit] as const;
  });
  return parts.flatMap(([count, unit], index) => (index > 0 && count === 0 ? [] : [`${count} ${unit}`])).join(' ');
}

/** `1 opt-out`, `12,345 opt-outs`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** Enough of an id to know it by, as `relay release` takes it. */
export function shortId(id: string): string {
  return id.slice(0, 10);
}

/** The same, to be typed: what begins with "-" would be an option. */
export function argumentOf(id: string): string {
  return id.startsWith('-') ? `-- ${shortId(id)}` : shortId(id);
}
