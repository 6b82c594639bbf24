import process from 'node:process';

/** Takes what the functions write to stdout, of which there is too much to be read; gives back what ends that. */
export function takeStdout(see: (text: string) => void = () => {}): () => void {
  const { write } = process.stdout;
  process.stdout.write = ((chunk: unknown, ...more: readonly unknown[]) => {
    see(String(chunk));
    const done = more.find((each) => typeof each === 'function');
    if (done) (done as () => void)();
    return true;
  }) as typeof write;
  return () => {
    process.stdout.write = write;
  };
}
