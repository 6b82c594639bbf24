import { parseArgs } from 'node:util';
import type { Entry } from '../../functions/core/ledger/ledger.ts';
import type { Command, Streams } from '../command.ts';
import { EXIT } from '../command.ts';
import { createContext } from '../context.ts';
import { shown } from '../entries/fields.ts';
import { listingOf } from '../entries/listing.ts';
import { chosen } from '../entries/select.ts';
import { countOf } from '../terminal/format.ts';
import { write } from '../terminal/output.ts';

const HELP = `relay held: what waits for a person's word, the oldest first

  relay held [options]

  --source <name>  of this source alone
  --json           a JSON object a line, with everything the ledger has
  --env <file>     KEY=value lines: LEDGER_TABLE, QUEUE_URL, RECEIPTS_SECRET and AWS_…, in place of those in the environment

Examples
  npm run -s relay -- held --env .local/env
  npm run -s relay -- held --source sendgrid --json | jq -r .id

"surgeLimit": more bounces, imports or generic signals came within an hour than relay.config.ts lets pass ("surgeLimit"). "ambiguous":
the sender named several people and meant one of them. "relay release" lets go what is right, "relay discard" drops what
is wrong.
Exit codes: 0 listed, also when there are none, 1 it failed, 2 called in a way it does not know.
`;

/** `relay held`: lists what is held. */
export const held: Command = { summary: "what waits for a person's word", help: HELP, run };

const OPTIONS = { source: { type: 'string' }, json: { type: 'boolean' }, env: { type: 'string' } } as const;

async function run(args: readonly string[], { stdout }: Streams): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const entries = await chosen(createContext(values.env).operatorLedger, 'held', { source: values.source });
  const texts = values.json
    ? entries.map((entry) => `${JSON.stringify(shown(entry))}\n`)
    : forPeople(entries, stdout.columns);
  await write(texts, { stdout });
  return EXIT.ok;
}

function forPeople(entries: readonly Entry[], columns: number | undefined): readonly string[] {
  if (entries.length === 0) return ['Nothing is held.\n'];
  return [
    listingOf(entries, columns),
    `${countOf(entries.length, 'opt-out')} held; relay release lets go, relay discard drops.\n`,
  ];
}
