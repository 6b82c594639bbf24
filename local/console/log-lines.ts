import process from 'node:process';

/** A log line of a function. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly event: string };

/** Calls `see` with each log line on stdout, and passes the output on unchanged. Returns a function that stops it. */
export function tapLogLines(see: (line: LogLine) => void): () => void {
  const { write } = process.stdout;
  const tapped = ((...args: unknown[]) => {
    for (const line of logLines(args[0])) see(line);
    return Reflect.apply(write, process.stdout, args);
  }) as typeof write;
  process.stdout.write = tapped;
  return () => {
    if (process.stdout.write === tapped) process.stdout.write = write;
  };
}

/** EMF metrics are on stdout too, but have no `event`. */
function logLines(chunk: unknown): readonly LogLine[] {
  if (typeof chunk !== 'string' || !chunk.startsWith('{')) return [];
  return chunk.split('\n').flatMap((text) => {
    try {
      const line: unknown = JSON.parse(text);
      return isLogLine(line) ? [line] : [];
    } catch {
      return [];
    }
  });
}

function isLogLine(line: unknown): line is LogLine {
  return typeof line === 'object' && line !== null && 'event' in line && typeof line.event === 'string';
}
