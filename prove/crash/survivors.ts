import type { Message } from '@aws-sdk/client-sqs';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { handle, receive } from '../../local/event-source.ts';
import { invoke, loadHandler } from '../../local/lambda.ts';
import type { Stage } from '../harness/stage.ts';

/** Instances of the functions that are never killed. */
export type Survivors = Awaited<ReturnType<typeof createSurvivors>>;

const NAMES = ['webhook', 'events', 'mailbox', 'deliver', 'sweep'] as const;
/** The remaining time that an invocation sees: the longest timeout of the functions. */
const TIMEOUT_MS = 60_000;

/** Loads the functions as `instance`. The stack's own are 1, and have another environment. */
export async function createSurvivors({ queueUrl }: Stage, instance: number) {
  const loaded = await Promise.all(NAMES.map(async (name) => [name, await loadHandler(name, instance)] as const));
  const handlers = Object.fromEntries(loaded);
  const run = async (name: (typeof NAMES)[number], event: unknown) =>
    handlers[name] && invoke(name, handlers[name], event, () => TIMEOUT_MS);
  const queue = {
    client: new SQSClient(),
    queueUrl,
    invoke: (event: SQSEvent) => run('deliver', event) as Promise<SQSBatchResponse>,
  };
  return {
    run,
    receive: (waitSeconds: number) => receive(queue, { waitSeconds }),
    /** Deletes the messages that succeeded, as Lambda does, and returns the others: all of them if there is no response. */
    async deleteSucceeded(messages: readonly Message[], response: SQSBatchResponse | undefined) {
      if (response === undefined) return messages;
      await handle({ ...queue, invoke: async () => response }, messages);
      const failed = response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
      return messages.filter(({ MessageId = '' }) => failed.includes(MessageId));
    },
    deliver: (messages: readonly Message[]) => handle(queue, messages),
    /** Delivers one message at a time: of two concurrent duplicates, one would wait for the other's lease to expire. */
    async deliverAll() {
      let messages: readonly Message[];
      do {
        messages = await receive(queue, { waitSeconds: 0 });
        for (const message of messages) await handle(queue, [message]);
      } while (messages.length > 0);
    },
  };
}
