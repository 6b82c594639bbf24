import process from 'node:process';
import { RelayError } from '../functions/core/errors.ts';
import type { Command } from './command.ts';
import { EXIT, Usage } from './command.ts';
import { link } from './link.ts';

const COMMANDS: ReadonlyMap<string, Command> = new Map([['link', link]]);

const HELP = `relay: the operator's command of optout-relay

${[...COMMANDS].map(([name, { summary }]) => `  relay ${name.padEnd(10)} ${summary}`).join('\n')}
  relay help       what stands here; "relay help link" for one command

Call it as "npm run -s relay -- link ada@example.com". Which relay it works on is said by the same variables that the
functions have (PUBLIC_URL, LINKS_SECRET, AWS_REGION, …), or by "--env <file>": ".local/env" is the one of "npm start".
Exit codes: 0 all went well, 1 some of it failed, 2 called in a way it does not know.
`;

const [name = '', ...args] = process.argv.slice(2);
process.exitCode = await relay(name, args);

async function relay(name: string, args: readonly string[]): Promise<number> {
  const command = COMMANDS.get(name);
  if (command) return runNamed(name, command, args);
  const isAsked = ['help', '--help', '-h'].includes(name);
  const about = COMMANDS.get(args[0] ?? '');
  if (!isAsked && name !== '') console.error(`relay: there is no command "${name}"\n`);
  (isAsked ? process.stdout : process.stderr).write(isAsked && about ? about.help : HELP);
  return isAsked ? EXIT.ok : EXIT.usage;
}

async function runNamed(name: string, command: Command, args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(command.help);
    return EXIT.ok;
  }
  try {
    return await command.run(args);
  } catch (error) {
    const isUsage = error instanceof Usage || isOfParseArgs(error);
    console.error(`relay ${name}: ${wordsOf(error)}`);
    if (isUsage) console.error(`"relay help ${name}" says how it is called`);
    return isUsage ? EXIT.usage : EXIT.failed;
  }
}

function isOfParseArgs(error: unknown): error is Error {
  return codeOf(error).startsWith('ERR_PARSE_ARGS');
}

/** Only our own words and those about the options: any other error may quote an address. */
function wordsOf(error: unknown): string {
  if (error instanceof RelayError || error instanceof Usage || isOfParseArgs(error)) return error.message;
  const file = error instanceof Error && 'path' in error ? `${error.path}: ` : '';
  return `${file}${codeOf(error) || (error instanceof Error ? error.name : 'it failed')}`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
