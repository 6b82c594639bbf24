import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Entry } from '../../functions/core/ledger/ledger.ts';
import type { OperatorLedger } from '../../functions/core/ledger/operator-ledger.ts';
import type { Command, Streams } from '../command.ts';
import { EXIT, UsageError } from '../command.ts';
import { createContext } from '../context.ts';
import { ENTRY_FIELDS, shown } from '../entries/fields.ts';
import { csvRow } from '../terminal/csv.ts';
import { countOf } from '../terminal/format.ts';
import { write } from '../terminal/output.ts';
import { startProgress } from '../terminal/progress.ts';

const HELP = `relay export: the whole ledger, entry by entry, in no order

  relay export [options]

  --format <jsonl|csv>  jsonl (default): an object a line, which relay verify can check; csv: for a spreadsheet
  --output <file>       instead of standard output; a new file only its owner can read
  --env <file>          KEY=value lines: LEDGER_TABLE, QUEUE_URL, RECEIPTS_SECRET and AWS_…, in place of those in the environment

Examples
  npm run -s relay -- export --env .local/env --output ledger.jsonl
  npm run -s relay -- export --format csv | gzip > ledger.csv.gz

It is read page by page, so it may be of any length. It holds addresses: keep it as you would keep those. Times are ISO 8601 in
UTC, but "dueAt", in milliseconds since 1970: when the queue brings an open one again. In csv a "'" stands before what a
spreadsheet would take for a formula (= + - @).
Exit codes: 0 written, 1 it failed, 2 called in a way it does not know.
`;

/** `relay export`: every entry, for a file. */
export const exportAll: Command = { summary: 'the whole ledger, as JSON lines or CSV', help: HELP, run };

const OPTIONS = { format: { type: 'string' }, output: { type: 'string' }, env: { type: 'string' } } as const;

async function run(args: readonly string[], { stdout, stderr }: Streams): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const { output, format = 'jsonl' } = values;
  const { head, row } = formatNamed(format);
  const { operatorLedger } = createContext(values.env);
  const progress = startProgress(stderr, { isMoving: output !== undefined || !stdout.isTTY, what: 'entries' });
  let count = 0;
  async function* texts() {
    yield head;
    for await (const entry of everyEntry(operatorLedger)) {
      count += 1;
      progress.step(undefined);
      yield row(entry);
    }
  }
  await write(texts(), { file: output, stdout }).finally(progress.end);
  if (output !== undefined) progress.say(`${countOf(count, 'entry', 'entries')} in ${resolve(output)}`);
  return EXIT.ok;
}

interface Format {
  readonly head: string;
  readonly row: (entry: Entry) => string;
}

const FORMATS: Readonly<Record<string, Format>> = {
  jsonl: { head: '', row: (entry) => `${JSON.stringify(shown(entry))}\n` },
  csv: { head: csvRow(ENTRY_FIELDS), row: (entry) => csvRow(ENTRY_FIELDS.map((name) => cellOf(entry[name]))) },
};

function formatNamed(name: string): Format {
  const format = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
  if (!format) throw new UsageError('--format is jsonl or csv');
  return format;
}

/** Strangers choose their addresses, and a spreadsheet would carry out what begins like this. */
const FORMULA = /^[=+\-@]/;

function cellOf(value: Entry[keyof Entry]): string {
  const text = typeof value === 'object' ? value.list : String(value ?? '');
  return FORMULA.test(text) ? `'${text}` : text;
}

const PAGE = 500;

/** Every entry of the ledger, in no order, read page by page. */
export async function* everyEntry(operatorLedger: OperatorLedger): AsyncGenerator<Entry> {
  for (let page = await operatorLedger.page(undefined, PAGE); ; page = await operatorLedger.page(page.cursor, PAGE)) {
    yield* page.entries;
    if (page.cursor === undefined) return;
  }
}
