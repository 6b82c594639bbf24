import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { vi } from 'vitest';
import type { Context } from '../../cli/context.ts';
import { createContext } from '../../cli/context.ts';
import { deadLettersUrlOf } from '../../cli/queue/dead-letters.ts';
import { runRelay } from '../../cli/run.ts';
import type { Completion, Entry } from '../../functions/core/ledger/ledger.ts';
import { parseEmailAddress } from '../../functions/core/model/email-address.ts';
import type { OptOut } from '../../functions/core/model/opt-out.ts';
import { optOutId } from '../../functions/core/model/opt-out.ts';
import type { State } from '../../functions/core/model/state.ts';
import type { StackUnderTest } from '../local/stack-under-test.ts';
import { stackUnderTest, until } from '../local/stack-under-test.ts';

/** A running relay, its books, and the operator's command in this process: quick, and from outside the same. */
export interface RelayUnderTest extends StackUnderTest {
  readonly env: string;
  readonly books: Context;
  /** The URL of that queue. */
  readonly deadLetters: string;
  relay(args: readonly string[], input?: Typed): Promise<Said>;
  /** Writes an entry as the delivering function would; `open` without an outcome. */
  enter(optOut: OptOut, outcome?: Completion['outcome'], at?: Date): Promise<Entry>;
  /** Puts a message among the dead letters. */
  bury(body: unknown): Promise<unknown>;
  /** Waits for an entry to be in this state. */
  becomes(id: string, state: State): Promise<Entry | undefined>;
}

export interface Typed {
  readonly text?: string;
  /** Somebody sits there. */
  readonly isTTY?: boolean;
}

export interface Said {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

export async function relayUnderTest(settings: Readonly<Record<string, string>> = {}): Promise<RelayUnderTest> {
  const stack = await stackUnderTest(settings);
  const env = join(stack.dir, 'env');
  const books = createContext(env);
  const { ledger } = books;
  const deadLetters = await deadLettersUrlOf(books.sqs, books.queueUrl);
  return {
    ...stack,
    env,
    books,
    deadLetters,
    relay: ([name = '', ...args], typed) => run([name, '--env', env, ...args], typed),
    async enter(optOut, outcome, at = new Date(optOut.receivedAt)) {
      await ledger.claim(optOut, at);
      if (outcome) await ledger.complete(optOut, await settledBy(books, { optOut, outcome, at }), at);
      const entry = await ledger.find(optOut.id);
      if (!entry) throw new Error('it was not entered');
      return entry;
    },
    bury: (body) =>
      books.sqs.send(new SendMessageCommand({ QueueUrl: deadLetters, MessageBody: JSON.stringify(body) })),
    becomes: (id, state) =>
      until(
        () => ledger.find(id),
        (entry) => entry?.state === state,
      ),
    async stop() {
      await stack.stop();
      vi.restoreAllMocks();
    },
  };
}

interface Ended {
  readonly optOut: OptOut;
  readonly outcome: Completion['outcome'];
  readonly at: Date;
}

async function settledBy({ receipts }: Context, { optOut, outcome, at }: Ended): Promise<Completion> {
  if (outcome.kind === 'deferred') return { attempt: 1, outcome };
  const signedReceipt = await receipts.sign(optOut, { outcome, email: optOut.email, closedAt: at });
  return { attempt: 1, outcome, signedReceipt };
}

/** `relay …` with streams of its own. */
export async function run(args: readonly string[], { text = '', isTTY = false }: Typed = {}): Promise<Said> {
  const stdin = Object.assign(new PassThrough(), { isTTY });
  stdin.end(text);
  const [stdout, stderr] = [collecting(), collecting()];
  const code = await runRelay(args, { stdin, stdout: stdout.stream, stderr: stderr.stream });
  return { stdout: stdout.text(), stderr: stderr.text(), code };
}

function collecting() {
  const written: Buffer[] = [];
  const stream = new PassThrough();
  stream.on('data', (chunk) => written.push(chunk));
  return { stream, text: () => Buffer.concat(written).toString() };
}

export const jsonLines = (stdout: string) =>
  stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));

export const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000);

/** Of an address, received so many hours ago; what differs in kind, source, address or key is another. */
export function optOutOf(
  address: string,
  {
    key = 'event-1',
    hours = 1,
    ...given
  }: Partial<OptOut> & {
    readonly key?: string;
    readonly hours?: number;
  } = {},
): OptOut {
  const email = parseEmailAddress(address);
  const [source, kind] = [given.source ?? 'sendgrid', given.kind ?? 'opt_out'];
  const at = hoursAgo(hours).toISOString();
  const id = optOutId(source, { eventKey: key, email, kind });
  return { version: 1, id, source, kind, scope: 'all', occurredAt: at, receivedAt: at, ...given, email } as OptOut;
}

export const CONFIRMED = { kind: 'confirmed', evidence: 'response', changed: true, correlationId: 'c-1' } as const;
export const HELD = { kind: 'held', reason: 'surge-limit' } as const;
export const REFUSED = { kind: 'rejected', status: 400, category: 'VALIDATION_ERROR' } as const;
