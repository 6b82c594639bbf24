import process from 'node:process';
import { RelayError } from '../functions/core/model/errors.ts';
import type { Command, Streams } from './command.ts';
import { EXIT, UsageError } from './command.ts';
import { apply } from './commands/apply.ts';
import { backfill } from './commands/backfill.ts';
import { discard } from './commands/discard.ts';
import { doctor } from './commands/doctor.ts';
import { erase } from './commands/erase.ts';
import { exportLedger } from './commands/export.ts';
import { held } from './commands/held.ts';
import { keys } from './commands/keys.ts';
import { link } from './commands/link.ts';
import { proof } from './commands/proof.ts';
import { redrive } from './commands/redrive.ts';
import { release } from './commands/release.ts';
import { report } from './commands/report.ts';
import { resolve } from './commands/resolve.ts';
import { status } from './commands/status.ts';
import { verify } from './commands/verify.ts';
import { why } from './commands/why.ts';
import { EXIT_CODES } from './define-command.ts';
import { errorCode, errorText } from './error-text.ts';
import { optionsKeptByNpm } from './npm-options.ts';
import { twoColumns, wrap } from './terminal/columns.ts';
import { VERSION } from './version.ts';

const ALL = [
  ...[why, proof, status, held, release, discard, redrive, resolve, erase],
  ...[exportLedger, verify, keys, backfill, report, apply, doctor, link],
];
const COMMANDS: ReadonlyMap<string, Command> = new Map(ALL.map((command) => [command.name, command]));

const ABOUT =
  'Run it as "npx relay why ada@example.com". It operates the relay that the environment variables of the ' +
  'functions name (PUBLIC_URL, LINKS_SECRET, AWS_REGION, …). "--env <file>" reads them from a file; ".local/env" names ' +
  'the stack of "npm start".';

const HELP = `relay: operates a running optout-relay

${twoColumns([
  ...ALL.map(({ name, summary }) => [`relay ${name}`, summary] as const),
  ['relay help', 'shows this list; "relay help why" explains one command'],
  ['relay --version', 'shows the version'],
])}

${wrap(ABOUT).join('\n')}

${EXIT_CODES}
`;

/** A mistyped command is repeated in the error only if it cannot be an address. */
const COMMAND_NAME = /^[a-z-]{1,20}$/;

/** Runs `relay <name> <args…>` and resolves to the exit code. */
export async function runRelay([name = '', ...args]: readonly string[], streams: Streams): Promise<number> {
  const command = COMMANDS.get(name);
  if (command) return runCommand(command, args, streams);
  if (['help', '--help', '-h'].includes(name)) {
    streams.stdout.write(COMMANDS.get(args[0] ?? '')?.help ?? HELP);
    return EXIT.ok;
  }
  if (name === '--version') {
    streams.stdout.write(`${VERSION}\n`);
    return EXIT.ok;
  }
  const typed = COMMAND_NAME.test(name) ? ` "${name}"` : '';
  if (name !== '') streams.stderr.write(`relay: unknown command${typed}\n\n`);
  streams.stderr.write(HELP);
  return EXIT.usage;
}

async function runCommand(command: Command, args: readonly string[], streams: Streams): Promise<number> {
  const { name, help, run } = command;
  if (args.includes('--help') || args.includes('-h')) {
    streams.stdout.write(help);
    return EXIT.ok;
  }
  try {
    requireOwnOptions(command, args);
    return await run(args, streams);
  } catch (error) {
    const isUsage = error instanceof UsageError || isParseArgsError(error);
    streams.stderr.write(`relay ${name}: ${messageOf(error)}\n`);
    if (isUsage) streams.stderr.write(`See "relay help ${name}".\n`);
    return isUsage ? EXIT.usage : EXIT.failed;
  }
}

/** @throws UsageError if npm kept an option for itself */
function requireOwnOptions(command: Command, args: readonly string[]): void {
  const kept = optionsKeptByNpm(command, args, process.env).map((option) => `--${option}`);
  if (kept.length === 0) return;
  const spelling = `npx relay ${command.name} ${kept.join(' ')} …`;
  throw new UsageError(`npm run kept ${kept.join(', ')} for itself, so nothing was done. Run it as: ${spelling}`);
}

function isParseArgsError(error: unknown): error is Error {
  return errorCode(error).startsWith('ERR_PARSE_ARGS');
}

/** Shows a message only if it is our own or about an option. Other messages may quote an address. */
function messageOf(error: unknown): string {
  if (error instanceof RelayError || error instanceof UsageError) return error.message;
  if (isParseArgsError(error)) return parseArgsMessage(error);
  const file = error instanceof Error && 'path' in error ? `${error.path}: ` : '';
  return `${file}${errorText(error)}`;
}

/** parseArgs quotes the argument it rejects. Only the name of an option is repeated, since anything else may be an address. */
function parseArgsMessage({ message }: Error): string {
  const [text] = /^Option .*|^Unknown option '--?[a-z-]{1,20}'/s.exec(message) ?? ['unknown option'];
  return text;
}
