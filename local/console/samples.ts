import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { sources } from '../../functions/sources/index.ts';
import { relayConfig } from '../../relay.config.ts';
import { eventSamples } from '../event-samples.ts';
import { bounceCommand } from '../mail.ts';
import { curlOf, SHOW_STATUS, sampleLink } from '../samples.ts';

/** Something to send with a press of a button. */
export interface ConsoleSample {
  /** The last segment of `POST /_local/send/{sample}`. */
  readonly name: string;
  readonly label: string;
  /** What the relay answers: 401 where nobody but the sender can sign. */
  readonly expected: number;
  /** The commands for a shell that send it for an address. */
  commands(email: string, origin: string): string | Promise<string>;
}

/** What came of sending one. */
export interface Sent {
  readonly email: string;
  /** What was run. */
  readonly commands: string;
  /** The status that the relay answered. */
  readonly status: number;
}

const ROOT = new URL('../../', import.meta.url);
const FORM_HEADERS = { 'content-type': 'application/x-www-form-urlencoded' };

/** What a person sends. */
const PEOPLE: readonly ConsoleSample[] = [
  {
    name: 'form',
    label: 'Landing-page form',
    expected: 303,
    commands(email, origin) {
      const body = `${new URLSearchParams({ email, website: '' })}`;
      return curlOf(origin, { path: '/unsubscribe', headers: FORM_HEADERS, body }) + SHOW_STATUS;
    },
  },
  {
    name: 'one-click',
    label: 'One-click (RFC 8058)',
    expected: 200,
    async commands(email, origin) {
      const path = await sampleLink(email);
      return curlOf(origin, { path, headers: {}, body: 'List-Unsubscribe=One-Click' }) + SHOW_STATUS;
    },
  },
];

/** What mail servers send. The bucket answers; what became of it shows below. */
const MAIL: ConsoleSample = {
  name: 'mailbox',
  label: 'Bounce by mail',
  expected: 200,
  commands: async (email) => (await bounceCommand(email)) + SHOW_STATUS,
};

/** What a person sends, a mail server, then every source that is on and whose page in `docs/sources` says how to try it, then events. */
export function consoleSamples(): readonly ConsoleSample[] {
  const live = sources.filter(({ name }) => relayConfig.isOn(name));
  const events = eventSamples().map(({ name, title, commands }) => ({
    name,
    label: title,
    expected: 200,
    commands: (email: string) => commands.replace(`${name}@example.com`, email),
  }));
  return [...PEOPLE, MAIL, ...live.flatMap(({ name }) => sampleOf(name) ?? []), ...events];
}

/** The page's own commands, which its test runs too: what the button does is what the reader of the page does. */
function sampleOf(name: string): ConsoleSample | undefined {
  const page = pageOf(name);
  const [, trial = ''] = page.split('\n## Try it\n');
  const [, commands, printed = ''] = /```sh\n([\s\S]*?)```[\s\S]*?```text\n([\s\S]*?)```/.exec(trial) ?? [];
  if (commands === undefined) return undefined;
  const address = new RegExp(`\\b${name}(@|%40)example\\.com`, 'g');
  return {
    name,
    label: /^# (.+)$/m.exec(page)?.[1] ?? name,
    expected: Number(printed),
    commands: (email, origin) =>
      commands
        .trim()
        .replaceAll('http://127.0.0.1:8787', origin)
        .replace(address, (_all, at: string) => email.replace('@', at)),
  };
}

function pageOf(name: string): string {
  try {
    return readFileSync(new URL(`docs/sources/${name}.md`, ROOT), 'utf8');
  } catch {
    return '';
  }
}

const run = promisify(execFile);
const TIME_LIMIT_MS = 15_000;

/** Runs a sample's commands for a fresh address. Throws a plain sentence where no shell can be had. */
export async function sendSample(sample: ConsoleSample, origin: string): Promise<Sent> {
  const email = `${sample.name}-${nextNumber()}@example.com`;
  const commands = await sample.commands(email, origin);
  // Without the user's proxy settings: this stays on the machine.
  const env = { PATH: process.env.PATH ?? '' };
  const options = { cwd: fileURLToPath(ROOT), env, timeout: TIME_LIMIT_MS };
  const { stdout } = await run('bash', ['-c', commands], options).catch(() => {
    throw new Error('It could not be sent: samples need bash, curl and openssl.');
  });
  return { email, commands, status: Number(stdout) };
}

/** The simulator remembers addresses over a restart, so that the numbers begin elsewhere each time. */
let lastNumber = Date.now() % 100_000;
function nextNumber(): number {
  lastNumber += 1;
  return lastNumber;
}
