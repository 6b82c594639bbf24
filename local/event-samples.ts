import { readFileSync } from 'node:fs';
import process from 'node:process';

/** A way in that is no request, and the commands for a shell that try it. */
export interface EventSample {
  /** The address in it, without `@example.com`. */
  readonly name: string;
  readonly title: string;
  readonly commands: string;
}

/** Those of `docs/events.md`, with the running stack's own addresses in place of `.local/env`. */
export function eventSamples(): readonly EventSample[] {
  const [, trials = ''] = readFileSync(new URL('../docs/events.md', import.meta.url), 'utf8').split('\n## Try it\n');
  const found = trials.matchAll(/### (.+)\n\n```sh\n\. \.local\/env\n([\s\S]*?)\n```/g);
  return [...found].map(([, title = '', commands = '']) => ({
    name: /([\w-]+)@example\.com/.exec(commands)?.[1] ?? '',
    title,
    commands: commands.replace(/\$([A-Z_]+)/g, (_all, name: string) => process.env[name] ?? ''),
  }));
}
