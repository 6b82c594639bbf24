/** Formats an ISO time as `2026-11-23 02:44:11`, in UTC. */
export function formatTime(iso: string): string {
  return iso.slice(0, 'yyyy-mm-ddThh:mm:ss'.length).replace('T', ' ');
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

/** Formats a duration by its two largest units: `3 d 4 h`, `12 min 5 s`, `140 ms`. */
export function formatDuration(ms: number): string {
  const at = UNITS.findIndex(([, unitMs]) => ms >= unitMs);
  if (at < 0) return `${Math.max(0, Math.round(ms))} ms`;
  const parts = UNITS.slice(at, at + 2).map(([unit, unitMs], index) => {
    const [, largerMs] = UNITS[at + index - 1] ?? ['', Number.POSITIVE_INFINITY];
    return [Math.floor((ms % largerMs) / unitMs), unit] as const;
  });
  return parts.flatMap(([count, unit], index) => (index > 0 && count === 0 ? [] : [`${count} ${unit}`])).join(' ');
}

/** Formats a count with its noun: `1 opt-out`, `12,345 opt-outs`. */
export function formatCount(count: number, singular: string, plural = `${singular}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? singular : plural}`;
}

/** The beginning of an id, long enough to be unique and for commands to accept. */
export function shortId(id: string): string {
  return id.slice(0, 10);
}

/** A short id as a command-line argument. An id that begins with "-" would be read as an option. */
export function idArgument(id: string): string {
  return id.startsWith('-') ? `-- ${shortId(id)}` : shortId(id);
}
