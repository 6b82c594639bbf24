import type { Command } from './command.ts';

/** Whether `npm run relay` started the process, and the options that npm read. */
type NpmEnvironment = Readonly<Record<string, string | undefined>>;

/**
 * The options of a command that `npm run relay <command> --option` did not pass on, because npm takes every option before a
 * `--` for its own. Without this check, `npm run relay redrive --dry-run` would redrive.
 *
 * @see https://docs.npmjs.com/cli/commands/npm-run
 */
export function optionsKeptByNpm(
  { options }: Pick<Command, 'options'>,
  args: readonly string[],
  env: NpmEnvironment,
): readonly string[] {
  if (env['npm_lifecycle_event'] !== 'relay') return [];
  const isKept = (name: string) => Boolean(env[`npm_config_${name.replaceAll('-', '_')}`]);
  const isPassedOn = (name: string) => args.some((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`));
  return options.filter((name) => isKept(name) && !isPassedOn(name));
}
