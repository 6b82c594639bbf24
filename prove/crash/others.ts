import type { Message } from '@aws-sdk/client-sqs';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { handle, receive } from '../../local/event-source.ts';
import { invoke, loadHandler } from '../../local/lambda.ts';
import type { Stage } from '../harness/stage.ts';

/** Other execution environments of the functions, which live on. */
export type Others = Awaited<ReturnType<typeof createOthers>>;

const NAMES = ['webhook', 'events', 'mailbox', 'deliver', 'sweep'] as const;
/** As long as the longest function may take. */
const TIME_MS = 60_000;

export async function createOthers({ queueUrl }: Stage) {
  // The stack's own were loaded in another environment.
  const loaded = await Promise.all(NAMES.map(async (name) => [name, await loadHandler(name, 2)] as const));
  const handlers = Object.fromEntries(loaded);
  const run = async (name: (typeof NAMES)[number], event: unknown) =>
    handlers[name] && invoke(name, handlers[name], event, () => TIME_MS);
  const queue = {
    client: new SQSClient(),
    queueUrl,
    invoke: (event: SQSEvent) => run('deliver', event) as Promise<SQSBatchResponse>,
  };
  return {
    run,
    take: (waitSeconds: number) => receive(queue, { waitSeconds }),
    /** Deletes what an answer settles, as Lambda does; gives what is left, and that is all without an answer. */
    async settle(messages: readonly Message[], answer: SQSBatchResponse | undefined) {
      if (answer === undefined) return messages;
      await handle({ ...queue, invoke: async () => answer }, messages);
      const failed = answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
      return messages.filter(({ MessageId = '' }) => failed.includes(MessageId));
    },
    deliver: (messages: readonly Message[]) => handle(queue, messages),
    /** One by one: of two that are the same, side by side, one would find the other's lease and wait for its end. */
    async deliverAll() {
      let messages: readonly Message[];
      do {
        messages = await receive(queue, { waitSeconds: 0 });
        for (const message of messages) await handle(queue, [message]);
      } while (messages.length > 0);
    },
  };
}
