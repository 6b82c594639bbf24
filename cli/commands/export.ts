import { resolve } from 'node:path';
import { policyOf } from '../../functions/config/source-options.ts';
import type { Entry } from '../../functions/core/ledger/ledger.ts';
import type { OperatorLedger } from '../../functions/core/ledger/operator-ledger.ts';
import type { EmailAddress } from '../../functions/core/model/email-address.ts';
import { relayConfig } from '../../relay.config.ts';
import { KIND, KIND_COLUMN, kindOption } from '../backfill/kinds.ts';
import { conditionsOf, ONLY } from '../backfill/only.ts';
import { unconfirmedAddresses, writeOptOutList } from '../backfill/opt-out-list.ts';
import { readSignals } from '../backfill/rows.ts';
import { SOURCE } from '../backfill/send.ts';
import { ALL_ROWS, contraryFault } from '../backfill/status-columns.ts';
import { survey } from '../backfill/survey.ts';
import type { Streams } from '../command.ts';
import { EXIT, UsageError } from '../command.ts';
import { CONTEXT_ENV, createContext } from '../context.ts';
import type { Parsed } from '../define-command.ts';
import { defineCommand, flag, OUTPUT, option, soleArgument } from '../define-command.ts';
import { ENTRY_FIELDS, exportedEntry } from '../entries/fields.ts';
import { requireBrand } from '../input/brands.ts';
import { COLUMN, DELIMITER } from '../input/list-file.ts';
import { csvRow } from '../terminal/csv.ts';
import { formatCount } from '../terminal/format.ts';
import { write } from '../terminal/output.ts';
import { startProgress } from '../terminal/progress.ts';

const OPTIONS = {
  format: option('jsonl|csv', 'jsonl (default): an object a line, for relay verify; csv: for a spreadsheet'),
  'hubspot-opt-out-list': flag('the CSV file for "Import an opt-out list" in HubSpot, instead of the ledger'),
  brand: option('name', 'with --hubspot-opt-out-list: also the opt-outs of this brand of relay.config.ts'),
  column: COLUMN,
  only: ONLY,
  'all-rows': ALL_ROWS,
  kind: KIND,
  'kind-column': KIND_COLUMN,
  delimiter: DELIMITER,
  output: OUTPUT,
  env: CONTEXT_ENV,
} as const;

type Values = Parsed<typeof OPTIONS>['values'];

export const exportLedger = defineCommand({
  name: 'export',
  summary: "writes the whole ledger as JSON Lines or CSV, or an opt-out list for HubSpot's import",
  usage: [
    ['', 'writes the ledger'],
    ['--hubspot-opt-out-list', 'writes the addresses whose opt-out HubSpot has not confirmed'],
    ['--hubspot-opt-out-list <file>', 'writes the addresses of a file that you would backfill; needs no AWS access'],
  ],
  options: OPTIONS,
  examples: [
    'export --env .local/env --output ledger.jsonl',
    'export --format csv | gzip > ledger.csv.gz',
    'export --hubspot-opt-out-list --output list.csv --column "E-mail" optouts.csv',
  ],
  notes: [
    'The export contains addresses: protect it accordingly. Entries are in no particular order and are read page by page, so the ' +
      'ledger can be of any size.',
    'Times are in ISO 8601 and UTC, except "dueAt" (milliseconds since 1970), when the queue delivers an open opt-out again. In ' +
      'CSV, a cell that a spreadsheet would read as a formula (= + - @) begins with "\'".',
    'The opt-out list has one column, Email, and each address once. From the ledger it contains open and rejected opt-outs from all ' +
      'email. It leaves out held ones, which wait for your decision, opt-outs from a single list, which the import cannot do, and ' +
      'erased recipients. The import opts out everyone on the list, even a person who has opted in since. A list of more than ' +
      '500,000 rows or 20 MB becomes several files.',
  ],
  failure: 'something failed, or a row of the file is unreadable',
  async run(parsed, streams) {
    const { values, positionals } = parsed;
    if (values['hubspot-opt-out-list']) return writeList(parsed, streams);
    if (positionals.length > 0) throw new UsageError('unexpected argument');
    return writeLedger(values, streams);
  },
});

async function writeLedger(values: Values, { stdout, stderr }: Streams): Promise<number> {
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
}

async function writeList({ values, positionals }: Parsed<typeof OPTIONS>, streams: Streams): Promise<number> {
  const { stdout, stderr } = streams;
  requireBrand(values.brand);
  const faults: string[] = [];
  const addresses =
    positionals.length > 0
      ? addressesOf(soleArgument(positionals, 'at most one file'), values, faults)
      : unconfirmedAddresses(createContext(values.env).operatorLedger, values.brand);
  const lists = await writeOptOutList(addresses, { file: values.output, stdout });
  for (const fault of faults) stderr.write(`${fault}\n`);
  for (const { file, rows } of lists) {
    if (file !== undefined) stderr.write(`${formatCount(rows, 'address', 'addresses')} in ${file}\n`);
  }
  return faults.length > 0 ? EXIT.failed : EXIT.ok;
}

/**
 * Yields the addresses of a file that the policy does not ignore.
 * @throws UsageError if an invalid row may hide others, or rows are of people who did not opt out
 */
async function* addressesOf(file: string, values: Values, faults: string[]): AsyncGenerator<EmailAddress> {
  const { column: emailColumn, delimiter, kind, 'kind-column': kindColumn } = values;
  const only = conditionsOf(values.only);
  const columns = { emailColumn, kindColumn, kind: kindOption(kind), only };
  const from = { file, delimiter, ...columns, asOf: new Date(0), timeFormat: {} };
  const policy = policyOf(relayConfig, SOURCE);
  const found = await survey(from, policy, (where, fault) => faults.push(`${where}: ${fault}`));
  const fault = found.isTorn
    ? faults.at(-1)
    : values['all-rows']
      ? undefined
      : contraryFault(found.statusColumns, only);
  if (fault !== undefined) throw new UsageError(fault);
  for await (const { signal } of readSignals(from, policy)) if (signal.email !== undefined) yield signal.email;
}

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
