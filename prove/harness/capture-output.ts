import process from 'node:process';

/** Passes each text written to a stream to `onText` instead of writing it. Returns a function that restores the stream. */
export function captureOutput(name: 'stdout' | 'stderr', onText: (text: string) => void = () => {}): () => void {
  const stream = process[name];
  const { write } = stream;
  stream.write = ((chunk: unknown, ...rest: readonly unknown[]) => {
    onText(String(chunk));
    const callback = rest.find((argument) => typeof argument === 'function');
    if (callback) (callback as () => void)();
    return true;
  }) as typeof write;
  return () => {
    stream.write = write;
  };
}
