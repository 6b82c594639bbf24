import process from 'node:process';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse } from 'aws-lambda';
import { openQueue } from '../functions/adapters/sqs.ts';
import type { Command } from '../functions/core/opt-out.ts';
import { pollQueue } from '../local/event-source.ts';
import { invoke, loadHandler } from '../local/lambda.ts';
import type { GivenSecrets } from '../local/secrets.ts';
import type { StackUnderTest } from '../test/local/stack-under-test.ts';
import { stackUnderTest } from '../test/local/stack-under-test.ts';
import { takeOutput } from './output.ts';

/** The relay with everything it stands on, in which nothing is delivered until a proof says so. */
export interface Stage extends StackUnderTest {
  readonly queueUrl: string;
  /** How many messages are on the queues, dead letters and what is in flight included. */
  left(): Promise<number>;
  enqueue(commands: readonly Command[]): Promise<void>;
  /** Loads `deliver` anew, so many times, in these settings; gives back what ends it after the batch at hand. */
  deliverWith(
    settings: Readonly<Record<string, string>> & { readonly DELIVER_CONCURRENCY: string },
  ): Promise<() => Promise<void>>;
}

export interface StageOptions {
  readonly secrets?: GivenSecrets;
  /** Is shown what the functions write. */
  readonly see?: (text: string) => void;
}

export async function openStage({ secrets, see }: StageOptions = {}): Promise<Stage> {
  const giveBack = takeOutput('stdout', see);
  const stack = await stackUnderTest({ DELIVER_CONCURRENCY: '0' }, secrets);
  await stack.sim('limits', 'POST', { per10Seconds: 1_000_000 });
  const queueUrl = process.env.QUEUE_URL ?? '';
  const client = new SQSClient();
  let loaded = 0;
  return {
    ...stack,
    queueUrl,
    enqueue: openQueue(client, queueUrl).send,
    async left() {
      const counts = [queueUrl, `${queueUrl}-dead-letters`].map((url) => countMessages(client, url));
      return (await Promise.all(counts)).reduce((sum, count) => sum + count);
    },
    deliverWith(settings) {
      Object.assign(process.env, settings);
      const instances = Number(settings.DELIVER_CONCURRENCY);
      loaded += instances;
      return startDelivering(client, queueUrl, { instances, first: loaded - instances + 1 });
    },
    async stop() {
      await stack.stop();
      client.destroy();
      giveBack();
    },
  };
}

async function countMessages(client: SQSClient, QueueUrl: string): Promise<number> {
  const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }),
  );
  return AttributeNames.reduce((sum, name) => sum + Number(Attributes[name]), 0);
}

/** `first`: what has been loaded under a number keeps the environment of that time. */
async function startDelivering(
  client: SQSClient,
  queueUrl: string,
  { instances, first }: { readonly instances: number; readonly first: number },
): Promise<() => Promise<void>> {
  const stopping = new AbortController();
  const numbers = Array.from({ length: instances }, (_none, index) => first + index);
  const handlers = await Promise.all(numbers.map((number) => loadHandler('deliver', number)));
  const running = handlers.map((handler) => {
    const run = (event: unknown) => invoke('deliver', handler, event) as Promise<SQSBatchResponse>;
    return pollQueue({ client, queueUrl, invoke: run }, stopping.signal);
  });
  return async () => {
    stopping.abort();
    await Promise.all(running);
  };
}
