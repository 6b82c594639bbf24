import process from 'node:process';

/** Takes what is written to a stream, of which there is too much to be read. Gives back what ends that. */
export function takeOutput(name: 'stdout' | 'stderr', see: (text: string) => void = () => {}): () => void {
  const stream = process[name];
  const { write } = stream;
  stream.write = ((chunk: unknown, ...more: readonly unknown[]) => {
    see(String(chunk));
    const done = more.find((each) => typeof each === 'function');
    if (done) (done as () => void)();
    return true;
  }) as typeof write;
  return () => {
    stream.write = write;
  };
}
