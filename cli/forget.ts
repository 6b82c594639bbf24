import { parseArgs } from 'node:util';
import { parseEmailAddress } from '../functions/core/email-address.ts';
import { openBooks } from './books.ts';
import type { Command, Streams } from './command.ts';
import { EXIT, Usage } from './command.ts';
import { write } from './output.ts';
import { countOf } from './words.ts';

const HELP = `relay forget: replaces an address by its keyed hash everywhere in the ledger

  relay forget [options] <address>

  --json         {"forgotten"}: how many entries that changed
  --env <file>   KEY=value lines: LEDGER_TABLE, QUEUE_URL, RECEIPTS_SECRET and AWS_…, in place of those in the environment

Examples
  npm run -s relay -- forget --env .local/env ada@example.com

For whoever asks to be erased. It cannot be undone. What was done stays proven: receipts hold the hash alone, and "relay why"
finds the person again if they ask. An opt-out that is still on its way keeps the address until HubSpot has been told, and
loses it then; the queue keeps no message longer than 14 days. HubSpot itself is not told to forget, and keeps the opt-out,
so that the person is not mailed again. The second time nothing changes.
Exit codes: 0 forgotten, or there was nothing to forget, 1 it failed, 2 called in a way it does not know.
`;

/** `relay forget`: takes an address out of the ledger. */
export const forget: Command = { summary: 'replaces an address by its hash in the ledger', help: HELP, run };

const OPTIONS = { json: { type: 'boolean' }, env: { type: 'string' } } as const;

async function run(args: readonly string[], { stdout }: Streams): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  const [address, ...more] = positionals;
  if (address === undefined || more.length > 0) throw new Usage('it takes one address');
  const email = parseEmailAddress(address);
  const forgotten = await openBooks(values.env).ledger.forget({ email }, new Date());
  const words =
    forgotten === 0 ? 'There was nothing to forget.' : `Forgotten in ${countOf(forgotten, 'entry', 'entries')}.`;
  await write([values.json ? `${JSON.stringify({ forgotten })}\n` : `${words}\n`], { stdout });
  return EXIT.ok;
}
