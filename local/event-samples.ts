import { readFileSync } from 'node:fs';
import process from 'node:process';

/** An event, and the shell commands that send it. */
export interface EventSample {
  /** Local part of its sample address at example.com. */
  readonly name: string;
  readonly title: string;
  readonly commands: string;
}

/** Returns the samples of `docs/events.md`, with the endpoints of the running stack. */
export function eventSamples(): readonly EventSample[] {
  const [, trials = ''] = readFileSync(new URL('../docs/events.md', import.meta.url), 'utf8').split('\n## Try it\n');
  const found = trials.matchAll(/### (.+)\n\n```sh\n\. \.local\/env\n([\s\S]*?)\n```/g);
  return [...found].map(([, title = '', commands = '']) => ({
    name: /([\w-]+)@example\.com/.exec(commands)?.[1] ?? '',
    title,
    commands: commands.replace(/\$([A-Z_]+)/g, (_all, name: string) => process.env[name] ?? ''),
  }));
}
