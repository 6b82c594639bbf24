import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { Context } from '../../cli/context.ts';
import { createContext } from '../../cli/context.ts';
import { runRelay } from '../../cli/run.ts';
import { commandFor } from '../harness/commands.ts';
import type { Stage } from '../harness/stage.ts';
import { LINES } from './cli-lines.ts';
import { MARKS, markedEmail } from './marks.ts';
import type { Observe } from './observe.ts';
import { observeFiles } from './observe.ts';

/** Runs `relay` with the arguments of a line, and `input` as standard input. Its output is observed. */
export type Relay = (line: string, input?: string) => Promise<void>;

/** Creates the runner of `relay`. In a line, `%` is replaced with the folder of the operator's files. */
export function createRelay(stage: Stage, observe: Observe): Relay {
  const folder = join(stage.dir, 'operator');
  return async (line, input = '') => {
    const [name = '', ...args] = line.split(' ').map((word) => word.replace('%', folder));
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
    stdin.end(input);
    const output = Promise.all([text(stdout), text(stderr)]);
    const code = await runRelay([name, ...args], { stdin, stdout, stderr });
    for (const stream of [stdout, stderr]) stream.end();
    const [out, err] = await output;
    observe('cli', `relay ${line}, stdout`, out);
    observe('cli', `relay ${line}, stderr`, `${err}${code}`);
  };
}

/** Runs every command with valid and invalid arguments. Everything that the commands read contains marked addresses. */
export async function runAllCommands(stage: Stage, relay: Relay, observe: Observe): Promise<void> {
  const folder = join(stage.dir, 'operator');
  mkdirSync(folder);
  for (const [file, content] of Object.entries(FILES)) writeFileSync(join(folder, file), content);
  await createEntries(stage);
  for (const line of LINES) await relay(line, `${markedEmail('typed')}\n${MARKS.address}\n`);
  const backfill = relay('backfill %/valid.csv --as-of 2026-01-02 --send --per-second 10');
  await sleep(250);
  observeFiles(folder, (place, file, content) => observe(place, `operator/${file}`, content));
  await backfill;
}

const FILES: Readonly<Record<string, string>> = {
  'valid.csv': `email,at\n${[1, 2, 3, 4, 5].map((row) => `${markedEmail(`row-${row}`)},2026-01-02\n`).join('')}`,
  'status.csv': `email,type\n${markedEmail('row-1')},${markedEmail('type')}\n${markedEmail('row-2')},\n`,
  'broken.csv': `email,at\n${MARKS.address},${MARKS.address}\n"${markedEmail('broken')},\n`,
  'broken.jsonl': `{"email":"${markedEmail('broken')}\n${markedEmail('broken')}\n{"email":"${markedEmail('broken')}"}\n`,
};

/** Creates held and rejected entries, and dead letters: enough of them that `relay` asks for confirmation. */
async function createEntries(stage: Stage): Promise<void> {
  const context = createContext(undefined);
  for (let number = 0; number < 12; number += 1)
    await createEntry(`held-${number}`, { kind: 'held', reason: 'surge-limit' }, context);
  await createEntry('operator', { kind: 'rejected', status: 400 }, context);
  const QueueUrl = `${stage.queueUrl}-dead-letters`;
  const messages = [markedEmail('dead'), JSON.stringify(commandFor(`${MARKS.address}-dead`))];
  for (const MessageBody of messages) await context.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
}

type ClosingOutcome =
  | { readonly kind: 'held'; readonly reason: 'surge-limit' }
  | { readonly kind: 'rejected'; readonly status: number };

async function createEntry(name: string, outcome: ClosingOutcome, { ledger, receipts }: Context): Promise<void> {
  const optOut = commandFor(`${MARKS.address}-${name}`);
  const closedAt = new Date();
  await ledger.claim(optOut, closedAt);
  const signedReceipt = await receipts.sign(optOut, { outcome, email: optOut.email, closedAt });
  await ledger.complete(optOut, { attempt: 1, outcome, signedReceipt }, closedAt);
}
