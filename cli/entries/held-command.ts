import { parseArgs } from 'node:util';
import type { Entry } from '../../functions/core/ledger/ledger.ts';
import type { Streams } from '../command.ts';
import { EXIT, UsageError } from '../command.ts';
import type { Context } from '../context.ts';
import { createContext } from '../context.ts';
import { momentOf } from '../input/times.ts';
import { confirm } from '../terminal/confirm.ts';
import { countOf } from '../terminal/format.ts';
import { write } from '../terminal/output.ts';
import { chosen } from './select.ts';

/** What can be done with what is held. */
export interface HeldAction {
  /** `released`: what it then is. */
  readonly done: string;
  /** Gives with how many it was done. */
  readonly act: (entries: readonly Entry[], books: Context) => Promise<number>;
}

/** How a command that works on what is held is called. */
export const choiceHelp = (
  name: string,
  deed: string,
): string => `  relay ${name} [options] <id…>                    these; the first six characters of an id are enough,
                                                   one that begins with "-" stands behind "--"
  relay ${name} [options] --source <name>          all that is held of a source

  --after <time>   of those, what was received from then on: 2026-11-23, or 2026-11-23T14:05:00Z
  --before <time>  of those, what was received before
  --yes            does not ask; without it, more than ten are asked about
  --json           {"${deed}", "passedOver"}
  --env <file>     KEY=value lines: LEDGER_TABLE, QUEUE_URL, RECEIPTS_SECRET and AWS_…, in place of those in the environment
`;

const OPTIONS = {
  source: { type: 'string' },
  after: { type: 'string' },
  before: { type: 'string' },
  yes: { type: 'boolean' },
  json: { type: 'boolean' },
  env: { type: 'string' },
} as const;

/** Does it with what the arguments choose of the held. */
export async function onHeld(args: readonly string[], streams: Streams, { done, act }: HeldAction): Promise<number> {
  const { values, positionals: ids } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  const { source } = values;
  if (ids.length > 0 === (source !== undefined)) throw new UsageError('it takes ids, or --source');
  const between = { after: momentOf('--after', values.after), before: momentOf('--before', values.before) };
  const books = createContext(values.env);
  const entries = await chosen(books.operatorLedger, 'held', { ids, source, ...between });
  const intended = { count: entries.length, what: 'opt-out', isAgreed: values.yes };
  if (!(await confirm(intended, streams))) return EXIT.failed;
  const count = await act(entries, books);
  const passedOver = entries.length - count;
  const words = `${countOf(count, 'opt-out')} ${done}${passedOver > 0 ? `, ${passedOver} passed over` : ''}.\n`;
  await write([values.json ? `${JSON.stringify({ [done]: count, passedOver })}\n` : words], streams);
  return passedOver > 0 ? EXIT.failed : EXIT.ok;
}
