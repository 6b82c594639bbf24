import { RelayError } from '../functions/core/model/errors.ts';
import type { Command, Streams } from './command.ts';
import { EXIT, UsageError } from './command.ts';
import { backfill } from './commands/backfill.ts';
import { discard } from './commands/discard.ts';
import { doctor } from './commands/doctor.ts';
import { erase } from './commands/erase.ts';
import { exportAll } from './commands/export.ts';
import { held } from './commands/held.ts';
import { keys } from './commands/keys.ts';
import { link } from './commands/link.ts';
import { redrive } from './commands/redrive.ts';
import { release } from './commands/release.ts';
import { status } from './commands/status.ts';
import { verify } from './commands/verify.ts';
import { why } from './commands/why.ts';
import { causeOf, codeOf } from './error-text.ts';

const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ['why', why],
  ['status', status],
  ['held', held],
  ['release', release],
  ['discard', discard],
  ['redrive', redrive],
  ['forget', erase],
  ['export', exportAll],
  ['verify', verify],
  ['keys', keys],
  ['backfill', backfill],
  ['doctor', doctor],
  ['link', link],
]);

const HELP = `relay: the operator's command of optout-relay

${[...COMMANDS].map(([name, { summary }]) => `  relay ${name.padEnd(10)} ${summary}`).join('\n')}
  relay help       what stands here; "relay help why" for one command

Call it as "npm run -s relay -- why ada@example.com". Which relay it works on is said by the same variables that the
functions have (PUBLIC_URL, LINKS_SECRET, AWS_REGION, …), or by "--env <file>": ".local/env" is the one of "npm start".
Exit codes: 0 all went well, 1 some of it failed, 2 called in a way it does not know.
`;

/** What may be said again to whoever has mistyped it: no address is one. */
const NAME = /^[a-z-]{1,20}$/;

/** `relay <name> <args…>`; resolves to the exit code. */
export async function runRelay([name = '', ...args]: readonly string[], streams: Streams): Promise<number> {
  const command = COMMANDS.get(name);
  if (command) return runNamed(name, command, { args, streams });
  const isAsked = ['help', '--help', '-h'].includes(name);
  const about = COMMANDS.get(args[0] ?? '');
  const called = NAME.test(name) ? `"${name}"` : 'of that name';
  if (!isAsked && name !== '') streams.stderr.write(`relay: there is no command ${called}\n\n`);
  (isAsked ? streams.stdout : streams.stderr).write(isAsked && about ? about.help : HELP);
  return isAsked ? EXIT.ok : EXIT.usage;
}

interface Called {
  readonly args: readonly string[];
  readonly streams: Streams;
}

async function runNamed(name: string, command: Command, { args, streams }: Called): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    streams.stdout.write(command.help);
    return EXIT.ok;
  }
  try {
    return await command.run(args, streams);
  } catch (error) {
    const isUsage = error instanceof UsageError || isOfParseArgs(error);
    streams.stderr.write(`relay ${name}: ${wordsOf(error)}\n`);
    if (isUsage) streams.stderr.write(`"relay help ${name}" says how it is called\n`);
    return isUsage ? EXIT.usage : EXIT.failed;
  }
}

function isOfParseArgs(error: unknown): error is Error {
  return codeOf(error).startsWith('ERR_PARSE_ARGS');
}

/** Only our own words and those about the options: any other error may quote an address. */
function wordsOf(error: unknown): string {
  if (error instanceof RelayError || error instanceof UsageError) return error.message;
  if (isOfParseArgs(error)) return wordsOfParseArgs(error);
  const file = error instanceof Error && 'path' in error ? `${error.path}: ` : '';
  return `${file}${causeOf(error)}`;
}

/** It quotes what it does not know: the name of an option may be said again, anything else may be an address. */
function wordsOfParseArgs({ message }: Error): string {
  const [words] = /^Option .*|^Unknown option '--?[a-z-]{1,20}'/s.exec(message) ?? ['it takes no such argument'];
  return words;
}
