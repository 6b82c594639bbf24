import { setTimeout as sleep } from 'node:timers/promises';
import type { SendMessageBatchRequestEntry, SQSClient } from '@aws-sdk/client-sqs';
import { ChangeMessageVisibilityCommand, SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import * as z from 'zod/mini';
import { parseEmailAddress } from '../core/email-address.ts';
import { Unavailable, Unreadable } from '../core/errors.ts';
import type { OptOut } from '../core/opt-out.ts';

/** The queue that carries the commands. */
export interface Queue {
  /** Resolves when every command is durable; throws Unavailable when one is not. */
  send(optOuts: readonly OptOut[]): Promise<void>;
  /** Gives a message back for later. */
  postpone(receiptHandle: string, seconds: number): Promise<void>;
}

/** SQS takes ten messages a call. */
const BATCH = 10;
const CALLS_AT_ONCE = 8;
const TRIES = 3;
const PAUSE_MS = 100;

export function openQueue(client: SQSClient, url: string): Queue {
  return {
    async send(optOuts) {
      const batches = chunk(optOuts.map(entryOf), BATCH);
      for (const some of chunk(batches, CALLS_AT_ONCE)) {
        await Promise.all(some.map((entries) => sendBatch(client, url, entries)));
      }
    },
    async postpone(receiptHandle, seconds) {
      const change = { QueueUrl: url, ReceiptHandle: receiptHandle, VisibilityTimeout: seconds };
      await client.send(new ChangeMessageVisibilityCommand(change));
    },
  };
}

/** A batch may fail in part: what was not taken is sent again, and if it fails for good the sender is told to come back. */
async function sendBatch(client: SQSClient, url: string, entries: SendMessageBatchRequestEntry[]): Promise<void> {
  let left = entries;
  for (let attempt = 1; left.length > 0; attempt += 1) {
    if (attempt > 1) await sleep(PAUSE_MS * attempt);
    const send = new SendMessageBatchCommand({ QueueUrl: url, Entries: left });
    const { taken, because } = await client.send(send).then(
      ({ Successful = [], Failed = [] }) => ({ taken: Successful, because: Failed[0]?.Code }),
      (error: unknown) => ({ taken: [], because: error instanceof Error ? error.name : undefined }),
    );
    left = left.filter(({ Id }) => !taken.some((each) => each.Id === Id));
    if (left.length > 0 && attempt === TRIES) throw new Unavailable(`the queue did not take it: ${because}`);
  }
}

function entryOf(optOut: OptOut): SendMessageBatchRequestEntry {
  return { Id: optOut.id, MessageBody: JSON.stringify(optOut) };
}

function chunk<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

const isoTime = z.iso.datetime();
const command = z.object({
  version: z.literal(1),
  id: z.string().check(z.regex(/^[\w-]{43}$/)),
  email: z.string(),
  source: z.string(),
  kind: z.enum(['opt_out', 'complaint', 'hard_bounce', 'soft_bounce', 'suppressed']),
  scope: z.union([z.literal('all'), z.object({ list: z.string().check(z.regex(/^\d{1,15}$/)) })]),
  brand: z.optional(z.string()),
  hold: z.optional(z.literal('ambiguous')),
  occurredAt: isoTime,
  receivedAt: isoTime,
});

/** Reads a command off the queue. Throws Unreadable for anything that is not one of ours. */
export function parseOptOut(body: string): OptOut {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    throw new Unreadable('the message is not JSON');
  }
  const read = z.safeParse(command, json);
  if (!read.success)
    throw new Unreadable(`the message's ${read.error.issues[0]?.path.join('.') || 'form'} is not valid`);
  const { brand, email, hold, ...rest } = read.data;
  return { ...rest, email: parseEmailAddress(email), ...(brand ? { brand } : {}), ...(hold ? { hold } : {}) };
}
