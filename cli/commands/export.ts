import { resolve } from 'node:path';
import type { Entry } from '../../functions/core/ledger/ledger.ts';
import type { OperatorLedger } from '../../functions/core/ledger/operator-ledger.ts';
import { EXIT, UsageError } from '../command.ts';
import { CONTEXT_ENV, createContext } from '../context.ts';
import { defineCommand, OUTPUT, option } from '../define-command.ts';
import { ENTRY_FIELDS, exportedEntry } from '../entries/fields.ts';
import { csvRow } from '../terminal/csv.ts';
import { formatCount } from '../terminal/format.ts';
import { write } from '../terminal/output.ts';
import { startProgress } from '../terminal/progress.ts';

export const exportLedger = defineCommand({
  name: 'export',
  summary: 'writes the whole ledger as JSON Lines or CSV',
  options: {
    format: option('jsonl|csv', 'jsonl (default): an object a line, for relay verify; csv: for a spreadsheet'),
    output: OUTPUT,
    env: CONTEXT_ENV,
  },
  examples: ['export --env .local/env --output ledger.jsonl', 'export --format csv | gzip > ledger.csv.gz'],
  notes: [
    'The export contains addresses: protect it accordingly. Entries are in no particular order and are read page by page, so the ' +
      'ledger can be of any size.',
    'Times are in ISO 8601 and UTC, except "dueAt" (milliseconds since 1970), when the queue delivers an open opt-out again. In ' +
      'CSV, a cell that a spreadsheet would read as a formula (= + - @) begins with "\'".',
  ],
  async run({ values }, { stdout, stderr }) {
    const { output, format = 'jsonl' } = values;
    const { head, row } = formatNamed(format);
    const { operatorLedger } = createContext(values.env);
    const progress = startProgress(stderr, { isShown: output !== undefined || !stdout.isTTY, noun: 'entries' });
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
    if (output !== undefined) progress.print(`${formatCount(count, 'entry', 'entries')} in ${resolve(output)}`);
    return EXIT.ok;
  },
});

interface Format {
  readonly head: string;
  readonly row: (entry: Entry) => string;
}

const FORMATS: ReadonlyMap<string, Format> = new Map([
  ['jsonl', { head: '', row: (entry) => `${JSON.stringify(exportedEntry(entry))}\n` }],
  ['csv', { head: csvRow(ENTRY_FIELDS), row: (entry) => csvRow(ENTRY_FIELDS.map((name) => cellOf(entry[name]))) }],
]);

function formatNamed(name: string): Format {
  const format = FORMATS.get(name);
  if (!format) throw new UsageError('--format is jsonl or csv');
  return format;
}

/** A cell that begins like this runs as a formula in a spreadsheet, and anyone can choose their address. */
const FORMULA = /^[=+\-@]/;

function cellOf(value: Entry[keyof Entry]): string {
  const text = typeof value === 'object' && 'list' in value ? value.list : [value ?? ''].flat().join(' ');
  return FORMULA.test(text) ? `'${text}` : text;
}

const PAGE_SIZE = 500;

/** Reads every entry of the ledger page by page, in no particular order. */
export async function* everyEntry(operatorLedger: OperatorLedger): AsyncGenerator<Entry> {
  let page = await operatorLedger.page(undefined, PAGE_SIZE);
  for (;;) {
    yield* page.entries;
    if (page.cursor === undefined) return;
    page = await operatorLedger.page(page.cursor, PAGE_SIZE);
  }
}
