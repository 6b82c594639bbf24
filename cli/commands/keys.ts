import { parseArgs } from 'node:util';
import type { Command, Streams } from '../command.ts';
import { EXIT } from '../command.ts';
import { createReceiptKeys } from '../context.ts';
import { environmentOf } from '../environment.ts';
import { write } from '../terminal/output.ts';

const HELP = `relay keys: the public halves of the keys that sign receipts, for whoever is to check them

  relay keys [options]

  --public         may be said; the private halves are never shown
  --output <file>  instead of standard output
  --env <file>     KEY=value lines: RECEIPTS_SECRET and AWS_…, in place of those in the environment

Examples
  npm run -s relay -- keys --env .local/env --output keys.json
  npm run -s relay -- verify --key keys.json ledger.jsonl

A JSON Web Key Set (RFC 7517, RFC 8037). Keep it apart from the ledger: whoever checks with keys that stand beside what is to be
checked, checks nothing.
Exit codes: 0 written, 1 it failed, 2 called in a way it does not know.
`;

/** `relay keys`: the public key set of the receipts. */
export const keys: Command = { summary: 'the public keys that check receipts', help: HELP, run };

const OPTIONS = { public: { type: 'boolean' }, output: { type: 'string' }, env: { type: 'string' } } as const;

async function run(args: readonly string[], { stdout }: Streams): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const { RECEIPTS_SECRET } = environmentOf(values.env, 'RECEIPTS_SECRET');
  const publicKeys = await createReceiptKeys(RECEIPTS_SECRET).publicKeys();
  await write([`${JSON.stringify({ keys: publicKeys }, null, 2)}\n`], { file: values.output, stdout });
  return EXIT.ok;
}
