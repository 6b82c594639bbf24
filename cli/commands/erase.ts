import { parseArgs } from 'node:util';
import { parseEmailAddress } from '../../functions/core/model/email-address.ts';
import type { Command, Streams } from '../command.ts';
import { EXIT, UsageError } from '../command.ts';
import { createContext } from '../context.ts';
import { createDeadLetters, deadLettersUrlOf } from '../queue/dead-letters.ts';
import { eraseMessages } from '../queue/erase-dead-letters.ts';
import type { PlannedMessage } from '../queue/redrive-plan.ts';
import { countOf } from '../terminal/format.ts';
import { write } from '../terminal/output.ts';

const HELP = `relay forget: replaces an address by its keyed hash in the ledger, and takes its dead letters away

  relay forget [options] <address>

  --dead-letters <url>  the queue of the dead letters, where the main queue does not name it
  --json                {"forgotten", "deadLetters"}: how many entries that changed, and how many letters are gone
  --env <file>          KEY=value lines: LEDGER_TABLE, QUEUE_URL, RECEIPTS_SECRET and AWS_…, in place of those in the environment

Examples
  npm run -s relay -- forget --env .local/env ada@example.com

For whoever asks to be erased. It cannot be undone. What was done stays proven: receipts hold the hash alone, and "relay why"
finds the person again if they ask. An opt-out that is still on its way is carried out first, and forgotten when it has ended:
one on the queue keeps the address until then, for at most 14 days. A dead letter of the address is removed; if its opt-out was
never carried out, it goes back on the queue first. HubSpot itself is not told to forget, and keeps the opt-out, so that the
person is not mailed again. If they come back, that is a new matter. The second time nothing changes.
Exit codes: 0 forgotten, or there was nothing to forget, 1 it failed, 2 called in a way it does not know.
`;

/** `relay forget`: takes an address out of the ledger. */
export const erase: Command = { summary: 'replaces an address by its hash in the ledger', help: HELP, run };

const OPTIONS = { 'dead-letters': { type: 'string' }, json: { type: 'boolean' }, env: { type: 'string' } } as const;

async function run(args: readonly string[], { stdout }: Streams): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  const [address, ...more] = positionals;
  if (address === undefined || more.length > 0) throw new UsageError('it takes one address');
  const email = parseEmailAddress(address);
  const books = createContext(values.env);
  const url = values['dead-letters'] ?? (await deadLettersUrlOf(books.sqs, books.queueUrl));
  const known = await books.operatorLedger.about(email);
  const forgotten = await books.ledger.erase({ email }, new Date());
  const whom = {
    addresses: [email, ...(await books.receipts.hashes(email))],
    contactIds: known.flatMap(({ contactId }) => contactId ?? []),
  };
  const letters = await eraseMessages(whom, { ...books, letters: createDeadLetters(books.sqs, url) });
  const told = values.json ? JSON.stringify({ forgotten, deadLetters: letters.length }) : inWords(forgotten, letters);
  await write([`${told}\n`], { stdout });
  return EXIT.ok;
}

function inWords(forgotten: number, letters: readonly PlannedMessage[]): string {
  const entries = forgotten > 0 ? [countOf(forgotten, 'entry', 'entries')] : [];
  const all = [...entries, ...(letters.length > 0 ? [countOf(letters.length, 'dead letter')] : [])];
  if (all.length === 0) return 'There was nothing to forget.';
  const open = letters.filter(({ verdict }) => verdict !== 'closed').length;
  const then = open > 0 ? ` ${countOf(open, 'letter')} went back on the queue, to be carried out first.` : '';
  return `Forgotten in ${all.join(' and ')}.${then}`;
}
