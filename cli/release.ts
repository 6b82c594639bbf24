import { parseArgs } from 'node:util';
import { openBooks } from './books.ts';
import type { Command, Streams } from './command.ts';
import { EXIT, Usage } from './command.ts';
import { confirm } from './confirm.ts';
import { write } from './output.ts';
import { reopenAll } from './requeue.ts';
import { momentOf } from './times.ts';
import { chosen } from './unfinished.ts';
import { countOf } from './words.ts';

const HELP = `relay release: lets go what is held, so that HubSpot is told

  relay release [options] <id…>                    these; the first six characters of an id are enough
  relay release [options] --source <name>          all that is held of a source

  --after <time>   of those, what was received from then on: 2026-11-23, or 2026-11-23T14:05:00Z
  --before <time>  of those, what was received before
  --yes            does not ask; without it, more than ten are asked about
  --json           {"released", "passedOver"}
  --env <file>     KEY=value lines: LEDGER_TABLE, QUEUE_URL, RECEIPTS_SECRET and AWS_…, in place of those in the environment

Examples
  npm run -s relay -- release --env .local/env cT2VaBUixm
  npm run -s relay -- release --source sendgrid --after 2026-11-23 --before 2026-11-23T15:00:00Z --yes

What is let go is not held again. A newer opt-in at HubSpot still wins over it. Times without a zone are UTC. "passed over"
is what somebody else has released meanwhile, or what was forgotten.
Exit codes: 0 all let go, 1 some passed over or it failed, 2 called in a way it does not know.
`;

/** `relay release`: lets go what is held. */
export const release: Command = { summary: 'lets go what is held', help: HELP, run };

const OPTIONS = {
  source: { type: 'string' },
  after: { type: 'string' },
  before: { type: 'string' },
  yes: { type: 'boolean' },
  json: { type: 'boolean' },
  env: { type: 'string' },
} as const;

async function run(args: readonly string[], streams: Streams): Promise<number> {
  const { values, positionals: ids } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  const { source } = values;
  if (ids.length > 0 === (source !== undefined)) throw new Usage('it takes ids, or --source');
  const between = { after: momentOf('--after', values.after), before: momentOf('--before', values.before) };
  const books = openBooks(values.env);
  const entries = await chosen(books.desk, 'held', { ids, source, ...between });
  const intended = { count: entries.length, what: 'opt-out', isAgreed: values.yes };
  if (!(await confirm(intended, streams))) return EXIT.failed;
  const released = await reopenAll(entries, 'held', books);
  const passedOver = entries.length - released;
  const words = `${countOf(released, 'opt-out')} released${passedOver > 0 ? `, ${passedOver} passed over` : ''}.\n`;
  await write([values.json ? `${JSON.stringify({ released, passedOver })}\n` : words], streams);
  return passedOver > 0 ? EXIT.failed : EXIT.ok;
}
