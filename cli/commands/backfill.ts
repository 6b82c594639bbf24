import { SQSClient } from '@aws-sdk/client-sqs';
import type { Queue } from '../../functions/aws/sqs.ts';
import { createQueue } from '../../functions/aws/sqs.ts';
import { policyOf } from '../../functions/config/source-options.ts';
import type { Policy } from '../../functions/core/intake/policy.ts';
import { relayConfig } from '../../relay.config.ts';
import { confirmedTable, confirmImported, VARIABLES } from '../backfill/already-imported.ts';
import { KIND, KIND_COLUMN, kindOption } from '../backfill/kinds.ts';
import { conditionsOf, ONLY } from '../backfill/only.ts';
import { createProgressFile } from '../backfill/progress-file.ts';
import type { Quota } from '../backfill/quota.ts';
import type { OptOutFile } from '../backfill/rows.ts';
import type { Sent } from '../backfill/send.ts';
import { SOURCE, sendAll } from '../backfill/send.ts';
import { ALL_ROWS, contraryFault, statusText } from '../backfill/status-columns.ts';
import type { Survey } from '../backfill/survey.ts';
import { defaultPerSecond, survey, surveyTable } from '../backfill/survey.ts';
import type { Streams } from '../command.ts';
import { EXIT, UsageError } from '../command.ts';
import type { Parsed } from '../define-command.ts';
import { defineCommand, envOption, flag, jsonOption, option, soleArgument } from '../define-command.ts';
import { requireEnvironment } from '../environment.ts';
import { requireBrand } from '../input/brands.ts';
import { COLUMN, DELIMITER } from '../input/list-file.ts';
import { DATE_ORDER, TIME_ZONE, timeFormatOf, timeOption } from '../input/times.ts';
import { formatCount } from '../terminal/format.ts';
import { write } from '../terminal/output.ts';
import { startProgress } from '../terminal/progress.ts';

const OPTIONS = {
  column: COLUMN,
  'time-column': option(
    'name',
    'the column of times: ISO 8601, RFC 5322, a day, or seconds or milliseconds since 1970',
  ),
  'time-zone': TIME_ZONE,
  'date-order': DATE_ORDER,
  'as-of': option('time', 'the time of rows that have none, such as the day on which the list was made'),
  'id-column': option('name', 'the column of opt-out ids; default: address and time identify an opt-out'),
  only: ONLY,
  kind: KIND,
  'kind-column': KIND_COLUMN,
  delimiter: DELIMITER,
  brand: option('name', 'a brand of relay.config.ts'),
  send: flag('send; without it, nothing is sent'),
  'all-rows': ALL_ROWS,
  'already-imported': flag(
    "the file was imported with HubSpot's own import: read each row back and record it; nothing is sent",
  ),
  missing: option(
    'file',
    'with --already-imported: write the rows that HubSpot does not show to this file, for a backfill',
  ),
  'per-second': option(
    'n',
    'maximum rate, of opt-outs or of reads; 0.2 is one every five seconds; default: 90 % of the surge limit, at most 1; of reads: 1',
  ),
  daily: option('n', 'maximum within 24 hours; default: 25000'),
  json: jsonOption(
    '{"optOuts", "kinds", "oldest", "newest", "unreadable", "leftOut", "format", "statusColumns"}, and "sent", or "confirmed", ' +
      '"known", "missing" and "unsigned"',
  ),
  env: envOption('QUEUE_URL', 'BULK_QUEUE_URL', ...VARIABLES),
} as const;

type Values = Parsed<typeof OPTIONS>['values'];

export const backfill = defineCommand({
  name: 'backfill',
  summary: 'sends the opt-outs of a CSV or JSON file, after a dry run',
  usage: [
    ['<file>', 'dry run: reads the whole file and shows what sending it would take'],
    ['<file> --send', 'sends it'],
    ['<file> --already-imported', 'confirms the rows that HubSpot shows as opted out, with a receipt each'],
  ],
  options: OPTIONS,
  examples: [
    'backfill optouts.csv --column "E-mail" --time-column "Unsubscribed at"',
    `backfill contacts.csv --only 'Unsubscribed from all email=true' --as-of 2026-11-01`,
    'backfill suppressions.json --column EmailAddress --time-column LastUpdateTime --kind-column Reason',
    'backfill optouts.csv --as-of 2026-11-01 --env .local/env --send',
    'backfill optouts.csv --as-of 2026-11-01 --already-imported --missing missing.csv',
  ],
  notes: [
    'The file is CSV with names of columns in its first row, or JSON: an array of objects, the answer of an API, or one of both on ' +
      'each line. The field "reason.code" is "code" in the object "reason". Separator and encoding are detected.',
    'A status column, such as "Unsubscribed from all email", is pointed out with its values. If it says of some rows that the person ' +
      'did not opt out, nothing is sent without --only or --all-rows.',
    'A kind is recorded and signed as such, and "policy" in relay.config.ts decides whether it is an opt-out. By default it ignores ' +
      'soft_bounce and suppressed (what an office did).',
    'Each row needs the time of the opt-out, because a list does not show who opted in again later. If a row is older than ' +
      '"staleAfterSeconds" in relay.config.ts, HubSpot is asked first, and a newer opt-in wins (state "superseded").',
    'The same row is the same opt-out in every file, so sending it again is harmless. An interrupted run resumes where it stopped; ' +
      '<file>.progress stores the position and is deleted at the end.',
    'A backfill never delays new opt-outs: it has a queue of its own, and leaves a quarter of the rate and a tenth of ' +
      'HubSpot\'s daily limit (250,000 or more, shared by all your apps) to them. The surge limit applies to the source "backfill": opt-outs beyond ' +
      '"surgeLimit: { perSourceAndHour }" in relay.config.ts are held. To send faster, raise the limit and deploy first, or ' +
      'release the held ones with "relay release --source backfill".',
    '--already-imported makes no write to HubSpot. It reads 100 addresses a call where the account has the batch endpoints, and one a ' +
      'call elsewhere. Rows that HubSpot does not show as opted out are reported by their line and not recorded: the import may ' +
      'need more time, so run it again, and then backfill the rest with "--time-column time --id-column id --kind-column kind" from the file of ' +
      '--missing. Rows that are in the ledger already are not read again.',
    'An unreadable row is reported by its line on standard error, and the others are sent. A file with an unclosed quote is not ' +
      'sent at all.',
  ],
  failure: 'a row is unreadable or missing at HubSpot, or it failed',
  run,
});

async function run({ values, positionals }: Parsed<typeof OPTIONS>, streams: Streams): Promise<number> {
  const { stdout, stderr } = streams;
  const from = fileOf(values, positionals);
  const policy = brandPolicy(values);
  if (values['already-imported']) return confirm(from, values, policy, streams);
  const quota = quotaOf(values, defaultPerSecond(relayConfig.surgeLimit));
  const queue = values.send ? bulkQueue(values) : undefined;
  const found = await surveyed(from, policy, streams);
  if (!values.json) {
    await write([surveyTable(found, quota, relayConfig.surgeLimit), ...statusText(found.statusColumns)], { stdout });
  }
  if (queue && !isSafe(found, from, values, streams)) return EXIT.failed;
  const progress = startProgress(stderr, { isShown: true, noun: 'opt-outs' });
  const progressFile = createProgressFile(from.file, [from, values.brand]);
  const ports = { policy, quota, progressFile, progress, total: found.optOuts };
  const sent = queue ? await sendAll(from, { ...ports, queue }).finally(progress.end) : undefined;
  progress.end();
  const report = values.json ? jsonOf(found, { sent: sent?.sent ?? 0 }) : textOf(sent, faultOf(found, from, values));
  await write([`${report}\n`], { stdout });
  return found.unreadable > 0 ? EXIT.failed : EXIT.ok;
}

function bulkQueue({ env }: Values): Queue {
  const { QUEUE_URL, BULK_QUEUE_URL = QUEUE_URL } = requireEnvironment(env, 'QUEUE_URL', 'BULK_QUEUE_URL');
  return createQueue(new SQSClient(), BULK_QUEUE_URL);
}

function surveyed(from: OptOutFile, policy: Policy, { stderr }: Streams): Promise<Survey> {
  return survey(from, policy, (where, fault) => stderr.write(`${where}: ${fault}\n`));
}

/** Whether the rows may be opted out. If not, says why. */
function isSafe(found: Survey, from: OptOutFile, values: Values, { stderr }: Streams): boolean {
  const fault = faultOf(found, from, values);
  if (fault !== undefined) stderr.write(`Nothing was sent: ${fault}.\n`);
  return fault === undefined;
}

function faultOf({ isTorn, statusColumns }: Survey, { only }: OptOutFile, values: Values): string | undefined {
  if (isTorn) return 'an invalid row spans several lines. Fix the quotes in the file';
  return values['all-rows'] ? undefined : contraryFault(statusColumns, only);
}

/** Confirms the rows of an imported file. */
async function confirm(from: OptOutFile, values: Values, policy: Policy, streams: Streams): Promise<number> {
  const { stdout, stderr } = streams;
  if (values.send) throw new UsageError('--already-imported sends nothing: leave out --send');
  const quota = quotaOf(values, 1);
  const env = requireEnvironment(values.env, ...VARIABLES);
  const found = await surveyed(from, policy, streams);
  const { noun } = found;
  if (!isSafe(found, from, values, streams)) return EXIT.failed;
  const progress = startProgress(stderr, { isShown: true, noun: 'opt-outs' });
  const onMissing = (row: number) => progress.print(`${noun} ${row}: HubSpot does not show the opt-out`);
  const ports = { env, policy, quota, progress, total: found.optOuts, onMissing };
  const { missingRows, failure, ...counts } = await confirmImported(from, ports).finally(progress.end);
  if (values.missing !== undefined && counts.missing > 0) await write(missingRows, { file: values.missing, stdout });
  if (failure !== undefined) stderr.write(`${failure}. To continue, run the command again.\n`);
  await write([values.json ? `${jsonOf(found, counts)}\n` : confirmedTable(counts)], { stdout });
  return found.unreadable + counts.missing > 0 || failure !== undefined ? EXIT.failed : EXIT.ok;
}

function jsonOf({ isTorn, noun, ...found }: Survey, result: object): string {
  return JSON.stringify({ ...found, ...result });
}

function textOf(result: Sent | undefined, fault: string | undefined): string {
  if (result === undefined)
    return `Nothing was sent${fault === undefined ? '. To send it: add --send' : `: ${fault}`}.`;
  const before = result.before > 0 ? `, ${result.before.toLocaleString('en')} by the interrupted run` : '';
  return `${formatCount(result.sent, 'opt-out')} sent${before}. To see their progress: relay status`;
}

function fileOf(values: Values, positionals: readonly string[]): OptOutFile {
  const { column: emailColumn, delimiter, 'time-column': timeColumn, 'id-column': idColumn } = values;
  const { kind, 'kind-column': kindColumn } = values;
  const timeFormat = timeFormatOf(values);
  const asOf = timeOption('--as-of', values['as-of'], timeFormat);
  const file = soleArgument(positionals, 'one file');
  if (timeColumn === undefined && asOf === undefined)
    throw new UsageError('the time of the opt-outs is missing: add --time-column, --as-of, or both');
  if (kind !== undefined && kindColumn !== undefined) throw new UsageError('expected either --kind or --kind-column');
  const columns = { emailColumn, timeColumn, idColumn, kindColumn };
  return { file, delimiter, ...columns, kind: kindOption(kind), asOf, timeFormat, only: conditionsOf(values.only) };
}

function brandPolicy({ brand, kind, 'kind-column': kindColumn }: Values): Policy {
  requireBrand(brand);
  const policy = policyOf(relayConfig, SOURCE);
  const only = kindOption(kind);
  if (kindColumn === undefined && policy.kinds[only] === 'nothing')
    throw new UsageError(`"policy" in relay.config.ts ignores ${only} of this source`);
  return { ...policy, ...(brand === undefined ? {} : { brand }) };
}

function quotaOf(values: Values, perSecond: number): Quota {
  return {
    perSecond: rateOption('--per-second', values['per-second']) ?? perSecond,
    daily: Math.ceil(rateOption('--daily', values.daily) ?? 25_000),
  };
}

function rateOption(option: string, value: string | undefined): number | undefined {
  const rate = Number(value);
  if (value !== undefined && !(rate > 0 && rate <= 1_000_000))
    throw new UsageError(`${option} is not a number above 0`);
  return value === undefined ? undefined : rate;
}
