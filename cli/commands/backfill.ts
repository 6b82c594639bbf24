import { parseArgs } from 'node:util';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createQueue } from '../../functions/aws/sqs.ts';
import { relayConfig } from '../../relay.config.ts';
import { bookmarkOf } from '../backfill/progress-file.ts';
import type { Quota } from '../backfill/quota.ts';
import type { OptOutFile } from '../backfill/rows.ts';
import type { Sent } from '../backfill/send.ts';
import { SOURCE, sendAll } from '../backfill/send.ts';
import { defaultPerSecond, survey, surveyTable } from '../backfill/survey.ts';
import type { Command, Streams } from '../command.ts';
import { EXIT, UsageError } from '../command.ts';
import { environmentOf } from '../environment.ts';
import { momentOf } from '../input/times.ts';
import { countOf } from '../terminal/format.ts';
import { write } from '../terminal/output.ts';
import { startProgress } from '../terminal/progress.ts';

const HELP = `relay backfill: opt-outs that lie in a file, to HubSpot by the way that all others take

  relay backfill [options] <file.csv>              reads all of it, and says what sending it would mean
  relay backfill [options] <file.csv> --send       sends it

  --column <name>          the column with the address (email)
  --time-column <name>     the column with the time of the opt-out: ISO 8601 (UTC where it has no zone), a day, or seconds or
                           milliseconds since 1970
  --as-of <time>           the time to take for rows that have none: the day on which the list was made, say
  --id-column <name>       the column with an id of the opt-out; left out, address and time are one
  --delimiter <character>  what stands between the file's cells (,)
  --brand <name>           a brand of relay.config.ts
  --send                   without it, nothing is sent
  --per-second <n>         so many at most; 0.2 is one every five seconds (nine tenths of the brake, 1 at most)
  --daily <n>              so many within 24 hours at most (25000)
  --json                   {"optOuts", "unreadable", "oldest", "newest", "sent"}
  --env <file>             KEY=value lines: QUEUE_URL and AWS_…, in place of those in the environment

Examples
  npm run -s relay -- backfill optouts.csv --column "E-mail" --time-column "Unsubscribed at"
  npm run -s relay -- backfill optouts.csv --as-of 2026-11-01 --env .local/env --send

A list says nothing of those who opted in again since. So each row needs its time: HubSpot is asked about every one that is older
than "staleAfterSeconds" in relay.config.ts, and who has opted in since is left alone (state "superseded").

The same row is the same opt-out in every file, so sending it again does no harm. When it was stopped, it goes on where it was:
that stands in <file.csv>.progress, which goes away at the end. A row costs three calls of HubSpot's daily limit (250,000 and
up, for all your apps together) at most, and those who opt out meanwhile wait behind it: keep it slow. The source is "backfill",
and the brake counts it as inferred: at more than "surgeLimit: { perSourceAndHour }" in relay.config.ts an hour the rest is held. Set
that higher and deploy before you go faster, or let the rest go with "relay release --source backfill".

What cannot be read is named by its line on standard error, and the rest goes on.
Exit codes: 0 every row can be, or was, sent, 1 some cannot or it failed, 2 called in a way it does not know.
`;

/** `relay backfill`: opt-outs from a CSV file. */
export const backfill: Command = { summary: 'sends the opt-outs of a CSV file, after a dry run', help: HELP, run };

const OPTIONS = {
  column: { type: 'string' },
  'time-column': { type: 'string' },
  'as-of': { type: 'string' },
  'id-column': { type: 'string' },
  delimiter: { type: 'string' },
  brand: { type: 'string' },
  send: { type: 'boolean' },
  'per-second': { type: 'string' },
  daily: { type: 'string' },
  json: { type: 'boolean' },
  env: { type: 'string' },
} as const;

type Values = ReturnType<typeof parse>['values'];

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
}

async function run(args: readonly string[], { stdout, stderr }: Streams): Promise<number> {
  const { values, positionals } = parse(args);
  const from = fileFrom(values, positionals);
  const policy = policyFrom(values);
  const quota = quotaFrom(values);
  const queue = values.send
    ? createQueue(new SQSClient(), environmentOf(values.env, 'QUEUE_URL').QUEUE_URL)
    : undefined;
  const { isTorn, ...found } = await survey(from, new Date(), (line, fault) =>
    stderr.write(`line ${line}: ${fault}\n`),
  );
  if (!values.json) await write([surveyTable(found, quota, relayConfig.surgeLimit)], { stdout });
  if (queue && isTorn) {
    stderr.write('Nothing is sent of a file whose rows cannot be told apart: mend its quotes.\n');
    return EXIT.failed;
  }
  const progress = startProgress(stderr, { isMoving: true, what: 'opt-outs' });
  const bookmark = bookmarkOf(from.file, [from, values.brand]);
  const sending = { policy, quota, bookmark, progress, total: found.optOuts };
  const sent = queue ? await sendAll(from, { ...sending, queue }).finally(progress.end) : undefined;
  progress.end();
  const end = values.json ? JSON.stringify({ ...found, sent: sent?.sent ?? 0 }) : endOf(sent);
  await write([`${end}\n`], { stdout });
  return found.unreadable > 0 ? EXIT.failed : EXIT.ok;
}

function endOf(done: Sent | undefined): string {
  if (done === undefined) return 'Nothing has been sent. Add --send to send it.';
  const before = done.before > 0 ? ` (and ${done.before.toLocaleString('en')} before it was stopped)` : '';
  return `${countOf(done.sent, 'opt-out')} sent${before}; relay status shows what is under way.`;
}

function fileFrom(values: Values, [file, ...more]: readonly string[]): OptOutFile {
  const { column: emailColumn = 'email', delimiter = ',', 'time-column': timeColumn, 'id-column': idColumn } = values;
  const asOf = momentOf('--as-of', values['as-of']);
  if (file === undefined || more.length > 0) throw new UsageError('it takes one file');
  if (delimiter.length !== 1) throw new UsageError('--delimiter is not one character');
  if (timeColumn === undefined && asOf === undefined)
    throw new UsageError('say when it was: --time-column, or --as-of, or both');
  return { file, delimiter, emailColumn, timeColumn, idColumn, asOf };
}

function policyFrom({ brand }: Values) {
  if (brand !== undefined && !Object.hasOwn(relayConfig.businessUnitIds, brand)) throw new UsageError('no such brand');
  const policy = relayConfig.policyOf(SOURCE);
  if (policy.kinds.opt_out === 'nothing')
    throw new UsageError('by "policy" in relay.config.ts an opt-out leads to nothing');
  return { ...policy, ...(brand === undefined ? {} : { brand }) };
}

function quotaFrom(values: Values): Quota {
  return {
    perSecond: rateOf('--per-second', values['per-second']) ?? defaultPerSecond(relayConfig.surgeLimit),
    daily: Math.ceil(rateOf('--daily', values.daily) ?? 25_000),
  };
}

function rateOf(option: string, text: string | undefined): number | undefined {
  const rate = Number(text);
  if (text !== undefined && !(rate > 0 && rate <= 1_000_000)) throw new UsageError(`${option} is not a number above 0`);
  return text === undefined ? undefined : rate;
}
