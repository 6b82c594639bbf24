import { setTimeout as sleep } from 'node:timers/promises';
import type { SendMessageBatchRequestEntry, SQSClient } from '@aws-sdk/client-sqs';
import { ChangeMessageVisibilityCommand, SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import * as z from 'zod/mini';
import { parseContactId } from '../core/model/contact-id.ts';
import { parseEmailAddress } from '../core/model/email-address.ts';
import { Unavailable, Unreadable } from '../core/model/errors.ts';
import type { Command, Erase, OptOut } from '../core/model/opt-out.ts';
import { parseJson } from '../core/payload/json.ts';

/** The SQS queue of commands. */
export interface Queue {
  /** Resolves when every command is stored. Throws Unavailable if one could not be. */
  send(commands: readonly Command[]): Promise<void>;
  /** Makes a message visible again after a number of seconds. */
  postpone(receiptHandle: string, seconds: number): Promise<void>;
}

/** `SendMessageBatch` accepts 10 messages per call. */
const BATCH = 10;
const MAX_CONCURRENT_CALLS = 8;
const MAX_ATTEMPTS = 3;
const BACKOFF_MS = 100;

export function createQueue(client: SQSClient, url: string): Queue {
  return {
    async send(commands) {
      const batches = chunk(commands.map(entryOf), BATCH);
      for (const group of chunk(batches, MAX_CONCURRENT_CALLS)) {
        await Promise.all(group.map((entries) => sendBatch(client, url, entries)));
      }
    },
    async postpone(receiptHandle, seconds) {
      const change = { QueueUrl: url, ReceiptHandle: receiptHandle, VisibilityTimeout: seconds };
      await client.send(new ChangeMessageVisibilityCommand(change));
    },
  };
}

/** Sends a batch and retries the messages that SQS did not accept. Throws Unavailable after the last attempt. */
async function sendBatch(client: SQSClient, url: string, entries: SendMessageBatchRequestEntry[]): Promise<void> {
  let pending = entries;
  for (let attempt = 1; pending.length > 0; attempt += 1) {
    if (attempt > 1) await sleep(BACKOFF_MS * attempt);
    const send = new SendMessageBatchCommand({ QueueUrl: url, Entries: pending });
    const { sent, reason } = await client.send(send).then(
      ({ Successful = [], Failed = [] }) => ({ sent: Successful, reason: Failed[0]?.Code }),
      (error: unknown) => ({ sent: [], reason: error instanceof Error ? error.name : undefined }),
    );
    pending = pending.filter(({ Id }) => !sent.some((each) => each.Id === Id));
    if (pending.length > 0 && attempt === MAX_ATTEMPTS) throw new Unavailable(`could not enqueue: ${reason}`);
  }
}

/** Entry ids must be unique within a batch. Ids of opt-outs are longer than any id that begins with `erase-`. */
function entryOf(command: Command): SendMessageBatchRequestEntry {
  const Id = 'erase' in command ? `erase-${command.erase}` : command.id;
  return { Id, MessageBody: JSON.stringify(command) };
}

/** Splits a list into batches for an AWS call. */
export function chunk<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

const isoTime = z.iso.datetime();
const fields = z.object({
  version: z.literal(1),
  id: z.string().check(z.regex(/^[\w-]{43}$/)),
  email: z.optional(z.string()),
  contactId: z.optional(z.string()),
  source: z.string(),
  kind: z.enum(['opt_out', 'complaint', 'hard_bounce', 'soft_bounce', 'suppressed']),
  scope: z.union([z.literal('all'), z.object({ list: z.string().check(z.regex(/^\d{1,15}$/)) })]),
  brand: z.optional(z.string()),
  property: z.optional(z.string().check(z.regex(/^\w{1,100}$/))),
  hold: z.optional(z.literal('ambiguous')),
  occurredAt: isoTime,
  receivedAt: isoTime,
  isTimeAssumed: z.optional(z.literal(true)),
});
const optOutCommand = fields.check(
  z.refine(({ email, contactId }) => (email === undefined) !== (contactId === undefined), { path: ['email'] }),
);

const eraseCommand = z.strictObject({ version: z.literal(1), erase: z.string(), receivedAt: isoTime });

/** Parses the body of a queue message. Throws Unreadable if it is not a valid command. */
export function parseCommand(body: string): Command {
  const json = parseJson(body);
  if (json === undefined) throw new Unreadable('the message is not JSON');
  return typeof json === 'object' && json !== null && 'erase' in json ? eraseOf(json) : optOutOf(json);
}

function eraseOf(json: unknown): Erase {
  const { erase, ...rest } = parsed(eraseCommand, json);
  return { ...rest, erase: parseContactId(erase) };
}

function optOutOf(json: unknown): OptOut {
  const { brand, contactId, email, hold, property, isTimeAssumed, ...rest } = parsed(optOutCommand, json);
  const recipient =
    contactId === undefined ? { email: parseEmailAddress(email) } : { contactId: parseContactId(contactId) };
  const optional = {
    ...(brand ? { brand } : {}),
    ...(property ? { property } : {}),
    ...(hold ? { hold } : {}),
    ...(isTimeAssumed ? { isTimeAssumed } : {}),
  };
  return { ...rest, ...recipient, ...optional };
}

function parsed<Schema extends z.ZodMiniType>(schema: Schema, json: unknown): z.output<Schema> {
  const read = z.safeParse(schema, json);
  if (read.success) return read.data;
  throw new Unreadable(`the message's ${read.error.issues[0]?.path.join('.') || 'format'} is not valid`);
}
