import { parseArgs } from 'node:util';
import type { Entry } from '../../functions/core/ledger/ledger.ts';
import type { Command, Streams } from '../command.ts';
import { EXIT } from '../command.ts';
import { createContext } from '../context.ts';
import { shown } from '../entries/fields.ts';
import { listingOf } from '../entries/listing.ts';
import { createDeadLetters, deadLettersUrlOf } from '../queue/dead-letters.ts';
import type { Plan, Verdict } from '../queue/redrive-plan.ts';
import { carryOut, planOf } from '../queue/redrive-plan.ts';
import { confirm } from '../terminal/confirm.ts';
import { write } from '../terminal/output.ts';
import { tableOf } from '../terminal/table.ts';

const HELP = `relay redrive: gives dead letters and refused opt-outs another chance

  relay redrive [options]                          all of both
  relay redrive [options] <id…>                    these of the refused; the first six characters of an id are enough
                                                   one that begins with "-" stands behind "--"

  --source <name>       of this source alone
  --dry-run             says what would be done, lists what is refused, and changes nothing
  --yes                 does not ask; without it, more than ten are asked about
  --dead-letters <url>  the queue of the dead letters, where the main queue does not name it
  --json                a JSON object a line: {"what", "count"}; with --dry-run, then the refused ones
  --env <file>          KEY=value lines: LEDGER_TABLE, QUEUE_URL, RECEIPTS_SECRET and AWS_…, in place of those in the environment

Examples
  npm run -s relay -- redrive --env .local/env --dry-run
  npm run -s relay -- redrive --source sendgrid --yes

Mend the cause first: HubSpot would only refuse again, and wants no more than one error in twenty calls. The ledger decides
about a dead letter: what is closed was done meanwhile and is removed, what is open or was never opened is sent to the queue
again. Nobody is opted out against their newer word: of all that is not fresh, HubSpot is asked first whether the person has
opted in since.
Exit codes: 0 all sent, or nothing to send, 1 some left, or it failed, 2 called in a way it does not know.
`;

/** `relay redrive`: dead letters and refused opt-outs once more. */
export const redrive: Command = { summary: 'gives dead letters and refused ones another chance', help: HELP, run };

const OPTIONS = {
  source: { type: 'string' },
  'dry-run': { type: 'boolean' },
  yes: { type: 'boolean' },
  'dead-letters': { type: 'string' },
  json: { type: 'boolean' },
  env: { type: 'string' },
} as const;

async function run(args: readonly string[], streams: Streams): Promise<number> {
  const { values, positionals: ids } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  const isDry = values['dry-run'] ?? false;
  const books = createContext(values.env);
  const url = values['dead-letters'] ?? (await deadLettersUrlOf(books.sqs, books.queueUrl));
  const through = { ...books, letters: createDeadLetters(books.sqs, url) };
  try {
    const plan = await planOf({ ids, source: values.source }, through);
    const rows = rowsOf(plan);
    const count = rows.reduce((sum, { what, count }) => (what === 'foreign' ? sum : sum + count), 0);
    if (!(await confirm({ count, what: 'message', isAgreed: isDry || values.yes }, streams))) return EXIT.failed;
    const passedOver = isDry ? 0 : await carryOut(plan, through);
    const listed = isDry ? plan.refused : [];
    const lines = [...rows, ...listed.map(shown)].map((each) => `${JSON.stringify(each)}\n`);
    const told = { isDry, passedOver, columns: streams.stdout.columns };
    await write(values.json ? lines : forPeople(rows, listed, told), streams);
    return passedOver > 0 || rows.some(({ what }) => what === 'foreign') ? EXIT.failed : EXIT.ok;
  } finally {
    await through.letters.giveBack();
  }
}

const WORDS: Readonly<Record<Verdict | 'rejected', readonly [what: string, done: string]>> = {
  unopened: ['dead letter that was never opened', 'sent to the queue'],
  open: ['dead letter that is still open', 'sent to the queue again'],
  closed: ['dead letter of what was done meanwhile', 'removed'],
  foreign: ['dead letter that is none of ours', 'left: look at it in the SQS console'],
  rejected: ['refused by HubSpot', 'opened again and sent to the queue'],
};

interface Row {
  readonly what: keyof typeof WORDS;
  readonly count: number;
}

function rowsOf({ judged, refused }: Plan): readonly Row[] {
  const all = [...judged.map(({ verdict }) => verdict), ...refused.map(() => 'rejected')];
  const rows = (Object.keys(WORDS) as Row['what'][]).map((what) => ({
    what,
    count: all.filter((each) => each === what).length,
  }));
  return rows.filter(({ count }) => count > 0);
}

interface Told {
  readonly isDry: boolean;
  /** Of the refused: changed or forgotten since. */
  readonly passedOver: number;
  readonly columns: number | undefined;
}

function forPeople(rows: readonly Row[], listed: readonly Entry[], told: Told): readonly string[] {
  if (rows.length === 0) return ['There is no dead letter, and nothing is refused.\n'];
  const head = ['what', 'count', told.isDry ? 'would be' : 'was'];
  const table = tableOf({ head, rows: rows.map(({ what, count }) => [WORDS[what][0], count, WORDS[what][1]]) });
  const listing = listed.length > 0 ? [listingOf(listed, told.columns)] : [];
  const passed =
    told.passedOver > 0 ? [`${told.passedOver} of the refused passed over: changed or forgotten since.\n`] : [];
  return [
    table,
    ...listing,
    ...passed,
    ...(told.isDry ? ['Nothing was changed. Without --dry-run it is done.\n'] : []),
  ];
}
