import { createHash } from 'node:crypto';
import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createQueue, parseCommand } from '../../functions/aws/sqs.ts';
import { parseContactId } from '../../functions/core/model/contact-id.ts';
import { Unavailable, Unreadable } from '../../functions/core/model/errors.ts';
import type { Command, OptOut } from '../../functions/core/model/opt-out.ts';
import type { LocalQueues } from '../../local/aws/queues.ts';
import { allOf, aws, formsOf, forwarding, listening, thrownBy } from './listening.ts';
import { EMAIL, sampleContactOptOut, sampleErase, sampleOptOut } from './sample-opt-out.ts';
import { startTestQueues } from './services.ts';

let queues: LocalQueues;
beforeAll(async () => {
  queues = await startTestQueues('optouts');
});
afterAll(() => queues.close());

const many = (count: number, prefix = 'event') =>
  Array.from({ length: count }, (_none, index) => sampleOptOut(`${prefix}-${index}`));

async function takeAll(client: SQSClient): Promise<readonly Command[]> {
  const taken: Message[] = [];
  const QueueUrl = queues.urlOf('optouts');
  for (;;) {
    const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    if (Messages.length === 0) return taken.map(({ Body = '' }) => parseCommand(Body));
    taken.push(...Messages);
    const Entries = Messages.map(({ MessageId, ReceiptHandle }) => ({ Id: MessageId, ReceiptHandle }));
    await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  }
}

const keyOf = (command: Command) => ('erase' in command ? command.erase : command.id);
const inOrder = (commands: readonly Command[]) => commands.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));

interface Entry {
  readonly Id: string;
  readonly MessageBody: string;
}

/** Starts an SQS that accepts entries by a rule. A number is the status of a failed call. */
async function stubborn(answers: (entry: Entry, call: number) => boolean | number) {
  const taken: OptOut[] = [];
  const calls: number[] = [];
  const { url, requests } = await listening((response, { body }) => {
    const { Entries }: { Entries: Entry[] } = JSON.parse(body);
    calls.push(Entries.length);
    const took = Entries.map((entry) => [entry, answers(entry, requests.length)] as const);
    const status = took.map(([, each]) => each).find((each) => typeof each === 'number') ?? 200;
    const Successful = took.filter(([, is]) => is === true).map(([{ Id, MessageBody }]) => receiptOf(Id, MessageBody));
    const Failed = took
      .filter(([, is]) => is !== true)
      .map(([{ Id, MessageBody }]) => ({ Id, Code: 'InternalError', SenderFault: false, Message: MessageBody }));
    if (status === 200)
      taken.push(...took.filter(([, is]) => is === true).map(([entry]) => JSON.parse(entry.MessageBody)));
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(status === 200 ? JSON.stringify({ Successful, Failed }) : '{"__type":"InternalError"}');
  });
  const client = new SQSClient(aws(url));
  return { queue: createQueue(client, `${url}/000000000000/optouts`), taken, calls, requests };
}

function receiptOf(Id: string, body: string) {
  return { Id, MessageId: Id, MD5OfMessageBody: createHash('md5').update(body).digest('hex') };
}

describe('send', () => {
  it.each([
    [0, 0],
    [1, 1],
    [10, 1],
    [11, 2],
    [100, 10],
  ])('sends %i commands once each, in %i calls', async (count, expectedCalls) => {
    const { url, requests } = await forwarding(queues.url);
    const client = new SQSClient(aws(url));
    const optOuts = many(count);

    await createQueue(client, queues.urlOf('optouts').replace(queues.url, url)).send(optOuts);

    expect(requests.length).toBe(expectedCalls);
    expect(inOrder(await takeAll(client))).toEqual(inOrder(optOuts));
    client.destroy();
  });

  it('never sends more than SQS accepts in a call, which is ten', async () => {
    const client = new SQSClient(aws(queues.url));
    const Entries = many(11).map(({ id }) => ({ Id: id, MessageBody: '{}' }));

    const error = await thrownBy(() =>
      client.send(new SendMessageBatchCommand({ QueueUrl: queues.urlOf('optouts'), Entries })),
    );

    expect(error.name).toMatch(/TooManyEntriesInBatchRequest$/);
    client.destroy();
  });

  it('sends opt-outs and erasures in one batch', async () => {
    const client = new SQSClient(aws(queues.url));
    const contacts = ['1', '4711', '9'.repeat(15)].map((id) => sampleErase(parseContactId(id)));
    const commands = [sampleOptOut(), sampleContactOptOut(), ...contacts];

    await createQueue(client, queues.urlOf('optouts')).send(commands);

    expect(inOrder(await takeAll(client))).toEqual(inOrder(commands));
    client.destroy();
  });

  it('retries only the entries that the queue did not accept', async () => {
    const optOuts = many(10);
    const hard = new Set(optOuts.slice(3, 6).map(({ id }) => id));
    const { queue, taken, calls } = await stubborn(
      ({ Id }, call) => call > 2 || !hard.has(Id) || Id === optOuts[4]?.id,
    );

    await queue.send(optOuts);

    expect(calls).toEqual([10, 2, 2]);
    expect(inOrder(taken)).toEqual(inOrder(optOuts));
  });

  it('retries the whole batch if the call fails', async () => {
    const { queue, taken, calls } = await stubborn((_entry, call) => (call < 3 ? 500 : true));

    await queue.send(many(2));

    expect(calls).toEqual([2, 2, 2]);
    expect(inOrder(taken)).toEqual(inOrder(many(2)));
  });

  it('is unavailable if an entry or the call fails three times, without the address', async () => {
    const rows: readonly (readonly [answer: boolean | number, calls: readonly number[]])[] = [
      [false, [2, 1, 1]],
      [500, [2, 2, 2]],
      [400, [2, 2, 2]],
    ];
    const optOuts = many(12);
    const last = optOuts[11]?.id;

    const check = async ([answer, expectedCalls]: (typeof rows)[number]) => {
      const { queue, taken, calls } = await stubborn(({ Id }) => Id !== last || answer);
      const error = await thrownBy(() => queue.send(optOuts));

      expect(error).toBeInstanceOf(Unavailable);
      expect(error.message).toMatch(/^could not enqueue: \w+$/);
      for (const form of formsOf(EMAIL)) expect(allOf(error)).not.toContain(form);
      expect(calls.filter((entries) => entries < 10)).toEqual(expectedCalls);
      expect(taken.map(({ id }) => id)).not.toContain(last);
    };
    await Promise.all(rows.map(check));
  });

  it('is unavailable if SQS cannot be reached', async () => {
    const queue = createQueue(new SQSClient(aws('http://127.0.0.1:1')), 'http://127.0.0.1:1/000000000000/optouts');

    expect(await thrownBy(() => queue.send(many(1)))).toBeInstanceOf(Unavailable);
  });
});

/** Returns the command or Unreadable, and checks that the error quotes no input. */
function read(body: string): Command | Unreadable {
  try {
    return parseCommand(body);
  } catch (error) {
    if (error instanceof Unreadable) return error;
    throw error;
  }
}

describe('parseCommand', () => {
  it.each<[string, Command]>([
    ['for all', sampleOptOut()],
    ['for a subscription and a brand', sampleOptOut('a', { scope: { list: '228' }, brand: 'acme' })],
    ['of another kind', sampleOptOut('b', { kind: 'complaint' })],
    ['about a contact', sampleContactOptOut()],
    ['about a changed property of a contact', { ...sampleContactOptOut(), property: 'hs_email_optout_42' }],
    ['whose time is assumed', sampleOptOut('c', { isTimeAssumed: true })],
    ['to erase', sampleErase()],
  ])('parses a sent command %s', (_what, command) => {
    expect(parseCommand(JSON.stringify(command))).toEqual(command);
  });

  it.each<[string, object]>([
    ['version', { version: 2 }],
    ['id', { id: 'short' }],
    ['id', { id: `${'a'.repeat(43)}\n` }],
    ['email', { email: undefined }],
    ['email', { contactId: '4711' }],
    ['contactId', { email: undefined, contactId: 4711 }],
    ['source', { source: null }],
    ['kind', { kind: 'resubscribe' }],
    ['kind', { kind: 'test' }],
    ['kind', { kind: 'ignored' }],
    ['kind', { kind: 'constructor' }],
    ['scope', { scope: 'list' }],
    ['scope', { scope: {} }],
    ['brand', { brand: null }],
    ['isTimeAssumed', { isTimeAssumed: false }],
    ['property', { property: null }],
    ['property', { property: 'email&properties=x' }],
    ['property', { property: '' }],
    ['occurredAt', { occurredAt: 'yesterday' }],
    ['occurredAt', { occurredAt: 1_700_000_000 }],
    ['receivedAt', { receivedAt: '2026-11-23T10:00:00+01:00' }],
    ['receivedAt', { receivedAt: undefined }],
  ])('rejects an invalid %s: %j', (field, change) => {
    expect(read(JSON.stringify({ ...sampleOptOut(), ...change }))).toMatchObject({
      name: 'Unreadable',
      message: `the message's ${field} is not valid`,
    });
  });

  it.each<[string, object]>([
    ['version', { version: 2 }],
    ['erase', { erase: 4711 }],
    ['erase', { erase: undefined }],
    ['receivedAt', { receivedAt: 'yesterday' }],
    ['format', sampleOptOut()],
  ])('rejects an invalid %s of an erasure: %j', (field, change) => {
    const text = JSON.stringify({ ...sampleErase(), ...change }, (_key, value) => value ?? null);

    expect(read(text)).toMatchObject({ name: 'Unreadable', message: `the message's ${field} is not valid` });
  });

  it.each(['', '../4711', '4711\n', '1'.repeat(16)])('rejects an erasure of the contact id %j', (erase) => {
    expect(read(JSON.stringify({ ...sampleErase(), erase }))).toMatchObject({
      message: 'the contact id is not valid',
    });
  });

  it.each(['', 'ann@example.com', '{"version":1', 'null', '7', '"x"', '[]', '{}'])('rejects %j', (body) => {
    const error = read(body);

    expect(error).toBeInstanceOf(Unreadable);
    expect(allOf(error)).not.toContain('ann@example');
  });

  it.each(['', '..', 'batch', 'ann@example', 'ann@exa mple.com', 'ann@exa\u0000mple.com', 'ann@@example.com'])(
    'rejects the address %j',
    (email) => {
      expect(read(JSON.stringify({ ...sampleOptOut(), email }))).toMatchObject({
        message: 'the email address is not valid',
      });
    },
  );

  it.each(['', '../4711', '4711\n', '1'.repeat(16)])('rejects the contact id %j', (contactId) => {
    expect(read(JSON.stringify({ ...sampleContactOptOut(), contactId }))).toMatchObject({
      message: 'the contact id is not valid',
    });
  });

  it('returns a command or throws Unreadable for any JSON and any text', () => {
    fc.assert(fc.property(fc.json(), (body) => isCommandOrUnreadable(read(body))));
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (body) => isCommandOrUnreadable(read(body))));
  });

  it('returns a command or throws Unreadable for a command with any changed fields', () => {
    const fields = fc.constantFrom(...Object.keys(sampleOptOut('a', { brand: 'acme' })));
    const changes = fc.dictionary(fields, fc.jsonValue(), { noNullPrototype: true });

    fc.assert(
      fc.property(changes, (change) => isCommandOrUnreadable(read(JSON.stringify({ ...sampleOptOut(), ...change })))),
    );
    const others = fc.dictionary(fc.constantFrom('version', 'erase', 'receivedAt', 'id'), fc.jsonValue());
    fc.assert(
      fc.property(others, (change) => isCommandOrUnreadable(read(JSON.stringify({ ...sampleErase(), ...change })))),
    );
  });
});

function isCommandOrUnreadable(result: Command | Unreadable): boolean {
  if (result instanceof Unreadable) return true;
  const again = parseCommand(JSON.stringify(result));
  expect(again).toEqual(result);
  if ('erase' in result) return result.version === 1 && /^\d{1,15}$/.test(result.erase);
  const { version, id, email, contactId } = result;
  const isAddressed = email === undefined ? /^\d{1,15}$/.test(contactId) : email.includes('@');
  return version === 1 && /^[\w-]{43}$/.test(id) && isAddressed;
}
