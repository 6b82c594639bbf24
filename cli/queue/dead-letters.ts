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
import type { Context } from '../context.ts';
import { option } from '../define-command.ts';

/** A message on the dead-letter queue. */
export interface DeadLetter {
  readonly messageId: string;
  /** Undefined if this relay did not write the message. */
  readonly command: Command | undefined;
}

/** The dead-letter queue. */
export interface DeadLetters {
  /** Receives every message once. They stay invisible to other consumers until removed or returned, for up to 15 minutes. */
  receive(): AsyncIterable<DeadLetter>;
  remove(message: DeadLetter): Promise<void>;
  /** Makes the received messages visible again, except those that were removed. */
  returnAll(): Promise<void>;
}

/** `--dead-letters <url>`. */
export const DEAD_LETTERS = option(
  'url',
  "URL of the dead-letter queue, if the queue's RedrivePolicy does not name it",
);

const INVISIBLE_SECONDS = 900;
/** Zero would do for SQS, but fauxqs loses a message whose timeout is zero. */
const RETURN_SECONDS = 1;

export function createDeadLetters(client: SQSClient, QueueUrl: string): DeadLetters {
  const receiptHandles = new Map<string, string>();
  return {
    async *receive() {
      for (;;) {
        const request = { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1, VisibilityTimeout: INVISIBLE_SECONDS };
        const { Messages = [] } = await client.send(new ReceiveMessageCommand(request));
        const unseen = Messages.filter(({ MessageId = '' }) => !receiptHandles.has(MessageId));
        // The queue is empty, or it has begun to repeat.
        if (unseen.length === 0) return;
        for (const { MessageId = '', ReceiptHandle = '' } of unseen) receiptHandles.set(MessageId, ReceiptHandle);
        yield* unseen.map(deadLetterOf);
      }
    },
    async remove({ messageId }) {
      await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: receiptHandles.get(messageId) }));
      receiptHandles.delete(messageId);
    },
    async returnAll() {
      const changes = [...receiptHandles.values()].map((ReceiptHandle) =>
        client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: RETURN_SECONDS })),
      );
      await Promise.all(changes);
    },
  };
}

function deadLetterOf({ Body = '', MessageId: messageId = '' }: Message): DeadLetter {
  try {
    return { messageId, command: parseCommand(Body) };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { messageId, command: undefined };
  }
}

const redrivePolicy = z.object({ deadLetterTargetArn: z.string() });

/**
 * The URL of a queue's dead-letter queue, which SQS keeps in the same account and region.
 * @throws Misconfigured if the queue has none
 */
export async function deadLettersUrlOf({ sqs, queueUrl }: Pick<Context, 'sqs' | 'queueUrl'>): Promise<string> {
  const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['RedrivePolicy'] });
  const { Attributes } = await sqs.send(command);
  return new URL(queueNameIn(Attributes?.RedrivePolicy), queueUrl).href;
}

/** Reads the name from `{"deadLetterTargetArn": "arn:aws:sqs:eu-central-1:123456789012:name", …}`. */
function queueNameIn(policy = '{}'): string {
  const { data } = z.safeParse(redrivePolicy, JSON.parse(policy));
  const name = data?.deadLetterTargetArn.split(':').at(-1);
  if (!name) throw new Misconfigured('the queue has no RedrivePolicy: pass --dead-letters <url>');
  return name;
}
