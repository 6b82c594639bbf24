import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { readEnvironment } from '../../functions/config/environment.ts';
import { deadLettersUrlOf } from '../queue/dead-letters.ts';
import { countOf, spanOf } from '../terminal/format.ts';
import type { Finding } from './finding.ts';
import { examine, fault, ok, warning } from './finding.ts';

type Attributes = Readonly<Record<string, string | undefined>>;

const DEPLOY = 'deploy infra/queue.yml as it is';

/** The queue, and the queue of what it could not get rid of. */
export async function checkQueues(): Promise<readonly Finding[]> {
  const sqs = new SQSClient();
  const attributesOf = async (QueueUrl: string): Promise<Attributes> => {
    const ask = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] });
    return (await sqs.send(ask)).Attributes ?? {};
  };
  const queue = await examine(
    'queue',
    async () => queueFindings(await attributesOf(readEnvironment('QUEUE_URL').QUEUE_URL)),
    'is QUEUE_URL right, and may you call sqs:GetQueueAttributes?',
  );
  const dead = await examine(
    'dead letters',
    async () => deadFindings(await attributesOf(await deadLettersUrlOf(sqs, readEnvironment('QUEUE_URL').QUEUE_URL))),
    DEPLOY,
  );
  return [...queue, ...dead];
}

/** By infra/queue.yml: an attempt every few minutes for 48 hours; six times the time limit of the delivering function. */
const LEAST_RECEIVES = 600;
const LEAST_HIDDEN_SECONDS = 120;
/** An opt-out has 48 hours; a weekend must fit in, too. */
const LEAST_KEPT_SECONDS = 345_600;

function queueFindings({ RedrivePolicy = '{}', VisibilityTimeout, MessageRetentionPeriod }: Attributes): Finding[] {
  const receives = Number(JSON.parse(RedrivePolicy).maxReceiveCount ?? 0);
  const [hidden, kept] = [Number(VisibilityTimeout), Number(MessageRetentionPeriod)];
  const troubles: readonly (readonly [boolean, Finding])[] = [
    [receives === 0, fault('queue', 'it has no dead letters: what cannot be delivered is tried for ever', DEPLOY)],
    [
      receives > 0 && receives < LEAST_RECEIVES,
      warning('queue', `after ${countOf(receives, 'delivery', 'deliveries')} it gives up, within 48 hours`, DEPLOY),
    ],
    [
      hidden < LEAST_HIDDEN_SECONDS,
      warning('queue', `a message is hidden for ${hidden} s alone: two functions may work on one`, DEPLOY),
    ],
    [kept < LEAST_KEPT_SECONDS, fault('queue', `it keeps messages for ${spanOf(kept * 1000)} alone`, DEPLOY)],
  ];
  const found = troubles.flatMap(([is, finding]) => (is ? [finding] : []));
  const says = `hidden ${hidden} s, kept ${spanOf(kept * 1000)}, a dead letter after ${receives.toLocaleString('en')} deliveries`;
  return found.length > 0 ? found : [ok('queue', says)];
}

function deadFindings({ ApproximateNumberOfMessages, MessageRetentionPeriod }: Attributes): Finding[] {
  const [count, kept] = [Number(ApproximateNumberOfMessages), Number(MessageRetentionPeriod)];
  if (count > 0)
    return [warning('dead letters', countOf(count, 'message'), 'find the cause in the log; relay redrive')];
  // Counted from the first sending, so the same time as the queue's is the least.
  if (kept < LEAST_KEPT_SECONDS) return [warning('dead letters', `kept for ${spanOf(kept * 1000)} alone`, DEPLOY)];
  return [ok('dead letters', `none; kept ${spanOf(kept * 1000)}`)];
}
