import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import * as z from 'zod/mini';
import { parseCommand } from '../../functions/aws/sqs.ts';
import { Misconfigured, Unreadable } from '../../functions/core/model/errors.ts';
import type { Command } from '../../functions/core/model/opt-out.ts';

/** One message that was delivered too often. */
export interface DeadLetter {
  readonly messageId: string;
  /** Undefined where it is none of ours. */
  readonly command: Command | undefined;
}

/** The queue of those. */
export interface DeadLetters {
  /** All of them, each once; nobody else sees them until they are removed or given back, or for a quarter of an hour. */
  receive(): AsyncIterable<DeadLetter>;
  remove(letter: DeadLetter): Promise<void>;
  /** All that was received and not removed. */
  giveBack(): Promise<void>;
}

const HIDDEN_SECONDS = 900;
/** The least that every SQS takes: fauxqs loses what is to be seen at once. */
const BACK_AFTER_SECONDS = 1;

export function createDeadLetters(client: SQSClient, QueueUrl: string): DeadLetters {
  const kept = new Map<string, string>();
  return {
    async *receive() {
      for (;;) {
        const asked = { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1, VisibilityTimeout: HIDDEN_SECONDS };
        const { Messages = [] } = await client.send(new ReceiveMessageCommand(asked));
        const fresh = Messages.filter(({ MessageId = '' }) => !kept.has(MessageId));
        // Nothing more, or the first ones again.
        if (fresh.length === 0) return;
        for (const { MessageId = '', ReceiptHandle = '' } of fresh) kept.set(MessageId, ReceiptHandle);
        yield* fresh.map(letterOf);
      }
    },
    async remove({ messageId }) {
      await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: kept.get(messageId) }));
      kept.delete(messageId);
    },
    async giveBack() {
      const back = [...kept.values()].map((ReceiptHandle) =>
        client.send(
          new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: BACK_AFTER_SECONDS }),
        ),
      );
      await Promise.all(back);
    },
  };
}

function letterOf({ Body = '', MessageId: messageId = '' }: Message): DeadLetter {
  try {
    return { messageId, command: parseCommand(Body) };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { messageId, command: undefined };
  }
}

const redrivePolicy = z.object({ deadLetterTargetArn: z.string() });

/** The URL of a queue's dead letters, which SQS has in the same account and region. Throws Misconfigured when it has none. */
export async function deadLettersUrlOf(client: SQSClient, queueUrl: string): Promise<string> {
  const ask = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['RedrivePolicy'] });
  const { Attributes } = await client.send(ask);
  return new URL(nameIn(Attributes?.RedrivePolicy), queueUrl).href;
}

/** `{"deadLetterTargetArn": "arn:aws:sqs:eu-central-1:123456789012:name", …}` */
function nameIn(policy = '{}'): string {
  const read = z.safeParse(redrivePolicy, JSON.parse(policy));
  const name = read.data?.deadLetterTargetArn.split(':').at(-1);
  if (!name) throw new Misconfigured('the queue has no RedrivePolicy: name its dead letters with --dead-letters');
  return name;
}
