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

/** A running relay, and the CLI in this process, which is faster than a child process. */
export interface RelayUnderTest extends StackUnderTest {
  readonly env: string;
  readonly context: Context;
  readonly deadLettersUrl: string;
  relay(args: readonly string[], input?: Typed): Promise<Result>;
  /** Writes a ledger entry as the delivering function does. Without an outcome it stays open. */
  addEntry(optOut: OptOut, outcome?: Completion['outcome'], at?: Date): Promise<Entry>;
  /** Sends a message to the dead-letter queue. */
  addDeadLetter(body: unknown): Promise<unknown>;
  /** Waits until an entry is in this state. */
  becomes(id: string, state: State): Promise<Entry | undefined>;
}

export interface Typed {
  readonly text?: string;
  /** Standard input is a terminal. */
  readonly isTTY?: boolean;
}

export interface Result {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

export async function relayUnderTest(settings: Readonly<Record<string, string>> = {}): Promise<RelayUnderTest> {
  const stack = await stackUnderTest(settings);
  const env = join(stack.dir, 'env');
  const context = createContext(env);
  const { ledger } = context;
  const deadLettersUrl = await deadLettersUrlOf(context);
  return {
    ...stack,
    env,
    context,
    deadLettersUrl,
    relay: ([name = '', ...args], typed) => run([name, '--env', env, ...args], typed),
    async addEntry(optOut, outcome, at = new Date(optOut.receivedAt)) {
      await ledger.claim(optOut, at);
      if (outcome) await ledger.complete(optOut, await completionOf(context, { optOut, outcome, at }), at);
      const entry = await ledger.find(optOut.id);
      if (!entry) throw new Error('the entry was not written');
      return entry;
    },
    addDeadLetter: (body) =>
      context.sqs.send(new SendMessageCommand({ QueueUrl: deadLettersUrl, MessageBody: JSON.stringify(body) })),
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

interface Attempt {
  readonly optOut: OptOut;
  readonly outcome: Completion['outcome'];
  readonly at: Date;
}

async function completionOf({ receipts }: Context, { optOut, outcome, at }: Attempt): Promise<Completion> {
  if (outcome.kind === 'deferred') return { attempt: 1, outcome };
  const signedReceipt = await receipts.sign(optOut, { outcome, email: optOut.email, closedAt: at });
  return { attempt: 1, outcome, signedReceipt };
}

/** Runs `relay` with its own streams. */
export async function run(args: readonly string[], { text = '', isTTY = false }: Typed = {}): Promise<Result> {
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

/** An opt-out received `hours` ago. Its id depends on the source, key, address and kind. */
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
export const REJECTED = { kind: 'rejected', status: 400, category: 'VALIDATION_ERROR' } as const;
