import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { readEnvironment } from '../../functions/config/environment.ts';
import { deadLettersUrlOf } from '../queue/dead-letters.ts';
import { formatCount, formatDuration } from '../terminal/format.ts';
import type { Finding } from './finding.ts';
import { examine, fault, ok, warning } from './finding.ts';

type Attributes = Readonly<Record<string, string | undefined>>;

const DEPLOY = 'deploy infra/queue.yml without changes';

/** Checks both queues and their dead-letter queue. */
export async function checkQueues(): Promise<readonly Finding[]> {
  const sqs = new SQSClient();
  const attributesOf = async (QueueUrl: string): Promise<Attributes> => {
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] });
    return (await sqs.send(command)).Attributes ?? {};
  };
  const queueUrl = () => readEnvironment('QUEUE_URL').QUEUE_URL;
  const deadLettersUrl = () => deadLettersUrlOf({ sqs, queueUrl: queueUrl() });
  const queue = await examine(
    'queue',
    async () => queueFindings('queue', await attributesOf(queueUrl())),
    'check QUEUE_URL and your permission for sqs:GetQueueAttributes',
  );
  const bulk = await examine(
    'bulk queue',
    async () => {
      const { BULK_QUEUE_URL: url } = readEnvironment('BULK_QUEUE_URL');
      if (url === undefined) return [warning('bulk queue', 'there is none: imports delay new opt-outs', SET_BULK)];
      const [bulk, usual] = [await attributesOf(url), await attributesOf(queueUrl()).catch(() => ({}))];
      return [...queueFindings('bulk queue', bulk), ...(isShared(bulk, usual) ? [] : [OTHER_DEAD_LETTERS])];
    },
    'check BULK_QUEUE_URL and your permission for sqs:GetQueueAttributes',
  );
  const dead = await examine(
    'dead letters',
    async () => deadFindings(await attributesOf(await deadLettersUrl())),
    DEPLOY,
  );
  return [...queue, ...bulk, ...dead];
}

/** Whether two queues have the same dead-letter queue. Another check reports a queue that has none. */
function isShared(...queues: readonly [Attributes, Attributes]): boolean {
  const targets = queues.map(({ RedrivePolicy = '{}' }) => JSON.parse(RedrivePolicy).deadLetterTargetArn);
  return targets.includes(undefined) || targets[0] === targets[1];
}

const SET_BULK = 'set BULK_QUEUE_URL as serverless.yml does, or deploy';
const OTHER_DEAD_LETTERS = warning(
  'bulk queue',
  'its dead letters go to a queue of their own, which relay redrive does not read',
  `${DEPLOY}; to retry them: relay redrive --dead-letters <url>`,
);

/** Enough for an attempt every few minutes for 48 hours; see infra/queue.yml. */
const MIN_RECEIVES = 600;
/** Six times the timeout of the delivering function. */
const MIN_INVISIBLE_SECONDS = 120;
/** The deadline of 48 hours and a weekend. */
const MIN_RETENTION_SECONDS = 345_600;

function queueFindings(
  check: string,
  { RedrivePolicy = '{}', VisibilityTimeout, MessageRetentionPeriod }: Attributes,
): Finding[] {
  const receives = Number(JSON.parse(RedrivePolicy).maxReceiveCount ?? 0);
  const [invisible, retention] = [Number(VisibilityTimeout), Number(MessageRetentionPeriod)];
  const problems: readonly (readonly [boolean, Finding])[] = [
    [receives === 0, fault(check, 'no dead-letter queue: undeliverable messages are retried indefinitely', DEPLOY)],
    [
      receives > 0 && receives < MIN_RECEIVES,
      warning(
        check,
        `a dead letter after ${formatCount(receives, 'delivery', 'deliveries')}: too few for the 48-hour deadline`,
        DEPLOY,
      ),
    ],
    [
      invisible < MIN_INVISIBLE_SECONDS,
      warning(check, `visibility timeout of only ${invisible} s: two functions may process the same message`, DEPLOY),
    ],
    [retention < MIN_RETENTION_SECONDS, fault(check, `retention of only ${formatDuration(retention * 1000)}`, DEPLOY)],
  ];
  const found = problems.flatMap(([isPresent, finding]) => (isPresent ? [finding] : []));
  const message = `visibility timeout ${invisible} s, retention ${formatDuration(retention * 1000)}, a dead letter after ${receives.toLocaleString('en')} deliveries`;
  return found.length > 0 ? found : [ok(check, message)];
}

function deadFindings({ ApproximateNumberOfMessages, MessageRetentionPeriod }: Attributes): Finding[] {
  const [count, retention] = [Number(ApproximateNumberOfMessages), Number(MessageRetentionPeriod)];
  if (count > 0)
    return [
      warning('dead letters', formatCount(count, 'message'), 'fix the cause, which is in the log; then relay redrive'),
    ];
  // SQS counts from when the message was first sent, so the minimum is that of the queue.
  if (retention < MIN_RETENTION_SECONDS)
    return [warning('dead letters', `retention of only ${formatDuration(retention * 1000)}`, DEPLOY)];
  return [ok('dead letters', `none; retention ${formatDuration(retention * 1000)}`)];
}
