import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { isOn } from '../../functions/config/source-options.ts';
import { sources } from '../../functions/sources/index.ts';
import { relayConfig } from '../../relay.config.ts';
import { eventSamples } from '../event-samples.ts';
import { bounceCommand } from '../mail.ts';
import { curlOf, SHOW_STATUS, sampleLink } from '../samples.ts';

/** A sample opt-out with a button on the console. */
export interface ConsoleSample {
  /** The last segment of `POST /_local/send/{sample}`. */
  readonly name: string;
  readonly label: string;
  /** Expected status of the response. 401 if only `signer` can sign requests. */
  readonly expected: number;
  readonly signer?: string;
  /** Returns the shell commands that send it for an address. */
  commands(email: string, origin: string): string | Promise<string>;
}

/** The result of sending a sample. */
export interface Sent {
  readonly email: string;
  /** The shell commands. */
  readonly commands: string;
  /** Status of the response. */
  readonly status: number;
}

const ROOT = new URL('../../', import.meta.url);
const FORM_HEADERS = { 'content-type': 'application/x-www-form-urlencoded' };

/** Sent by people. */
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

/** Sent by mail servers and stored in S3, which gives the response. */
const MAIL: ConsoleSample = {
  name: 'mailbox',
  label: 'Bounce by mail',
  expected: 200,
  commands: async (email) => (await bounceCommand(email)) + SHOW_STATUS,
};

/**
 * Returns all samples: people, mail, each active source with a "Try it" section in `docs/sources`, and events. `dir`: the
 * folder of the stack, whose secrets the commands read.
 */
export function consoleSamples(dir: string): readonly ConsoleSample[] {
  const active = sources.filter(({ name }) => isOn(relayConfig, name));
  const events = eventSamples().map(({ name, title, commands }) => ({
    name,
    label: title,
    expected: 200,
    commands: (email: string) => commands.replace(`${name}@example.com`, email),
  }));
  return [...PEOPLE, MAIL, ...active.flatMap(({ name }) => sampleOf(name, dir) ?? []), ...events];
}

/** Who signs the requests of a source with a private key, so that a sample cannot be signed. */
const SIGNERS: Readonly<Record<string, string>> = { ses: 'AWS', scaleway: 'Scaleway' };

/** Takes the commands from the source's page, which a test also runs. */
function sampleOf(name: string, dir: string): ConsoleSample | undefined {
  const page = pageOf(name);
  const [, trial = ''] = page.split('\n## Try it\n');
  const [, commands, printed = ''] = /```sh\n([\s\S]*?)```[\s\S]*?```text\n([\s\S]*?)```/.exec(trial) ?? [];
  if (commands === undefined) return undefined;
  const address = new RegExp(`\\b${name}(@|%40)example\\.com`, 'g');
  return {
    name,
    label: /^# (.+)$/m.exec(page)?.[1] ?? name,
    expected: Number(printed),
    ...(Object.hasOwn(SIGNERS, name) ? { signer: SIGNERS[name] ?? name } : {}),
    commands: (email, origin) =>
      commands
        .trim()
        .replaceAll('http://127.0.0.1:8787', origin)
        .replaceAll('.local/', `${resolve(dir)}/`)
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

/** Runs the commands of a sample for a new address. Throws if the shell commands fail. */
export async function sendSample(sample: ConsoleSample, origin: string): Promise<Sent> {
  const email = `${sample.name}-${nextNumber()}@example.com`;
  const commands = await sample.commands(email, origin);
  // Without proxy settings, because the requests stay on this machine.
  const env = { PATH: process.env.PATH ?? '' };
  const options = { cwd: fileURLToPath(ROOT), env, timeout: TIME_LIMIT_MS };
  const { stdout } = await run('bash', ['-c', commands], options).catch(() => {
    throw new Error('Could not send it. Samples need bash, curl and openssl.');
  });
  return { email, commands, status: Number(stdout) };
}

/** Starts at a different number each time, because the simulator keeps addresses across restarts. */
let lastNumber = Date.now() % 100_000;
function nextNumber(): number {
  lastNumber += 1;
  return lastNumber;
}
