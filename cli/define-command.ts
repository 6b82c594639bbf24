import { parseArgs } from 'node:util';
import type { Command, Streams } from './command.ts';
import { UsageError } from './command.ts';
import { twoColumns, wrap } from './terminal/columns.ts';

interface Flag {
  readonly type: 'boolean';
  readonly help: string;
}

interface ValueOption {
  readonly type: 'string';
  /** Placeholder of the value on the help page. */
  readonly value: string;
  readonly help: string;
}

interface RepeatedOption extends ValueOption {
  readonly multiple: true;
}

/** Options by name: passed to `parseArgs` as they are, and listed on the help page. */
export type Options = Readonly<Record<string, Flag | ValueOption | RepeatedOption>>;

interface ParseConfig<Own extends Options> {
  args: string[];
  options: Own;
  allowPositionals: true;
}

/** The option values and positional arguments of a command line. */
export type Parsed<Own extends Options> = ReturnType<typeof parseArgs<ParseConfig<Own>>>;

export interface Definition<Own extends Options> {
  readonly name: string;
  readonly summary: string;
  /** The arguments of each form, and what the form does. @default no positional arguments */
  readonly usage?: readonly (readonly [form: string, description: string])[];
  readonly options: Own;
  /** Command lines after `npx relay`. */
  readonly examples: readonly string[];
  /** Paragraphs below the examples. */
  readonly notes: readonly string[];
  /** The meaning of exit code 1. @default 'something failed' */
  readonly failure?: string;
  readonly run: (parsed: Parsed<Own>, streams: Streams) => Promise<number>;
}

/** Defines a command. Its options are stated once, for the parser and for the help page. */
export function defineCommand<const Own extends Options>(definition: Definition<Own>): Command {
  const { name, summary, options, usage, run } = definition;
  return {
    name,
    summary,
    help: helpPage(definition),
    options: Object.keys(options),
    async run(args, streams) {
      const parsed = parseArgs<ParseConfig<Own>>({ args: [...args], options, allowPositionals: true });
      if (usage === undefined && parsed.positionals.length > 0) throw new UsageError('unexpected argument');
      return run(parsed, streams);
    },
  };
}

export const EXIT_CODES = exitCodes('something failed');

function exitCodes(failure: string): string {
  return `Exit codes: 0 success, 1 ${failure}, 2 usage error.`;
}

function helpPage<Own extends Options>(definition: Definition<Own>): string {
  const { name, summary, usage = [['', '']], options, examples, notes, failure } = definition;
  const paragraphs = [
    `relay ${name}: ${summary}`,
    twoColumns(usage.map(([form, description]) => [`relay ${name} [options] ${form}`.trimEnd(), description])),
    twoColumns(Object.entries(options).map(([option, spec]) => [optionTerm(option, spec), spec.help])),
    ['Examples', ...examples.map((example) => `  npx relay ${example}`)].join('\n'),
    ...notes.map((note) => wrap(note).join('\n')),
    failure === undefined ? EXIT_CODES : exitCodes(failure),
  ];
  return `${paragraphs.join('\n\n')}\n`;
}

function optionTerm(name: string, spec: Options[string]): string {
  return spec.type === 'string' ? `--${name} <${spec.value}>` : `--${name}`;
}

export function flag(help: string): Flag {
  return { type: 'boolean', help };
}

export function option(value: string, help: string): ValueOption {
  return { type: 'string', value, help };
}

/** An option that may be given several times. */
export function repeatedOption(value: string, help: string): RepeatedOption {
  return { type: 'string', value, help, multiple: true };
}

/** `--json`. */
export function jsonOption(format: string): Flag {
  return flag(`print JSON: ${format}`);
}

/** `--env <file>`. */
export function envOption(...variables: readonly string[]): ValueOption {
  return option('file', `read ${variables.join(', ')} and AWS_… from a file of KEY=value lines`);
}

/** `--yes`. */
export const YES = flag('do not ask for confirmation; by default, more than ten changes need one');

/** `--output <file>`. */
export const OUTPUT = option('file', 'write to this file, created for its owner only; default: standard output');

/**
 * The only positional argument.
 * @throws UsageError if there is not exactly one
 */
export function soleArgument(positionals: readonly string[], expected: string): string {
  const [argument, ...more] = positionals;
  if (argument === undefined || more.length > 0) throw new UsageError(`expected ${expected}`);
  return argument;
}
