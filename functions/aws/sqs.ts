import { setTimeout as sleep } from 'node:timers/promises';
import type { SendMessageBatchRequestEntry, SQSClient } from '@aws-sdk/client-sqs';
import { ChangeMessageVisibilityCommand, SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import * as z from 'zod/mini';
import { parseContactId } from '../core/model/contact-id.ts';
import { parseEmailAddress } from '../core/model/email-address.ts';
import { Unavailable, Unreadable } from '../core/model/errors.ts';
import type { Command, Erase, OptOut } from '../core/model/opt-out.ts';

/** The queue that carries the commands. */
export interface Queue {
  /** Resolves when every command is durable; throws Unavailable when one is not. */
  send(commands: readonly Command[]): Promise<void>;
  /** Gives a message back for later. */
  postpone(receiptHandle: string, seconds: number): Promise<void>;
}

/** SQS takes ten messages a call. */
const BATCH = 10;
const CALLS_AT_ONCE = 8;
const TRIES = 3;
const PAUSE_MS = 100;

export function createQueue(client: SQSClient, url: string): Queue {
  return {
    async send(commands) {
      const batches = chunk(commands.map(entryOf), BATCH);
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

/** An opt-out's id is longer than any that begins with `erase-`, so no two entries of a batch have the same. */
function entryOf(command: Command): SendMessageBatchRequestEntry {
  const Id = 'erase' in command ? `erase-${command.erase}` : command.id;
  return { Id, MessageBody: JSON.stringify(command) };
}

/** As many as an AWS call takes at once. */
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
  hold: z.optional(z.literal('ambiguous')),
  occurredAt: isoTime,
  receivedAt: isoTime,
});
const optOutForm = fields.check(
  z.refine(({ email, contactId }) => (email === undefined) !== (contactId === undefined), { path: ['email'] }),
);

const eraseCommand = z.strictObject({ version: z.literal(1), erase: z.string(), receivedAt: isoTime });

/** Reads a command off the queue. Throws Unreadable for anything that is not one of ours. */
export function parseCommand(body: string): Command {
  const json = jsonOf(body);
  return typeof json === 'object' && json !== null && 'erase' in json ? eraseOf(json) : optOutOf(json);
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new Unreadable('the message is not JSON');
  }
}

function eraseOf(json: unknown): Erase {
  const { erase, ...rest } = inForm(eraseCommand, json);
  return { ...rest, erase: parseContactId(erase) };
}

function optOutOf(json: unknown): OptOut {
  const { brand, contactId, email, hold, ...rest } = inForm(optOutForm, json);
  const recipient =
    contactId === undefined ? { email: parseEmailAddress(email) } : { contactId: parseContactId(contactId) };
  return { ...rest, ...recipient, ...(brand ? { brand } : {}), ...(hold ? { hold } : {}) };
}

function inForm<Form extends z.ZodMiniType>(form: Form, json: unknown): z.output<Form> {
  const read = z.safeParse(form, json);
  if (read.success) return read.data;
  throw new Unreadable(`the message's ${read.error.issues[0]?.path.join('.') || 'form'} is not valid`);
}
