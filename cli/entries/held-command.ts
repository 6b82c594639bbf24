import type { Entry } from '../../functions/core/ledger/ledger.ts';
import type { Command, Streams } from '../command.ts';
import { EXIT, UsageError } from '../command.ts';
import type { Context } from '../context.ts';
import { CONTEXT_ENV, createContext } from '../context.ts';
import { defineCommand, jsonOption, option, YES } from '../define-command.ts';
import { timeOption } from '../input/times.ts';
import { confirm } from '../terminal/confirm.ts';
import { formatCount } from '../terminal/format.ts';
import { write } from '../terminal/output.ts';
import { selectEntries } from './select.ts';

/** A command that changes held opt-outs, chosen by id or by source. */
export interface HeldCommand {
  readonly name: string;
  readonly summary: string;
  /** Past participle, for the result: `released`. */
  readonly done: string;
  readonly examples: readonly string[];
  readonly notes: readonly string[];
  /** Changes the entries and resolves to how many it changed. */
  readonly action: (entries: readonly Entry[], context: Context) => Promise<number>;
}

/** Options that select entries by the time they were received. */
export const PERIOD = {
  after: option('time', 'only if received at or after this time: 2026-11-23, or 2026-11-23T14:05:00Z'),
  before: option('time', 'only if received before this time'),
} as const;

/** @throws {Unreadable} if an option is not a time */
export function periodOf({ after, before }: { readonly after?: string; readonly before?: string }) {
  return { after: timeOption('--after', after), before: timeOption('--before', before) };
}

/** What a command did to the entries that it selected. */
export interface Changed {
  /** The key of `count` in the JSON output. */
  readonly name: string;
  /** Past participle, for the text. */
  readonly done: string;
  readonly count: number;
  readonly skipped: number;
}

/** Prints what was changed. Resolves to the exit code. */
export async function printChanged(changed: Changed, isJson: boolean, streams: Streams): Promise<number> {
  const { name, done, count, skipped } = changed;
  const text = `${formatCount(count, 'opt-out')} ${done}${skipped > 0 ? `, ${skipped} skipped` : ''}.`;
  await write([`${isJson ? JSON.stringify({ [name]: count, skipped }) : text}\n`], streams);
  return skipped > 0 ? EXIT.failed : EXIT.ok;
}

export function defineHeldCommand({ done, action, notes, ...about }: HeldCommand): Command {
  return defineCommand({
    ...about,
    usage: [
      ['<id…>', 'these; the first six characters of an id are enough'],
      ['--source <name>', 'all held opt-outs of one source'],
    ],
    options: {
      source: option('name', 'select the held opt-outs of this source'),
      ...PERIOD,
      yes: YES,
      json: jsonOption(`{"${done}", "skipped"}`),
      env: CONTEXT_ENV,
    },
    notes: [
      ...notes,
      'An opt-out that was released, discarded or erased in the meantime is skipped; "skipped" counts these. Times without ' +
        'a zone are UTC. Put "--" before an id that begins with "-".',
    ],
    failure: 'some were skipped, or it failed',
    async run({ values, positionals: ids }, streams) {
      const { source } = values;
      if (ids.length > 0 === (source !== undefined)) throw new UsageError('expected either ids or --source');
      const period = periodOf(values);
      const context = createContext(values.env);
      const entries = await selectEntries(context.operatorLedger, 'held', { ids, source, ...period });
      const change = { count: entries.length, noun: 'opt-out', isConfirmed: values.yes };
      if (!(await confirm(change, streams))) return EXIT.failed;
      const count = await action(entries, context);
      const skipped = entries.length - count;
      return printChanged({ name: done, done, count, skipped }, values.json ?? false, streams);
    },
  });
}
