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
import { MARKS, markedEmail } from './marks.ts';
import type { See } from './observe.ts';
import { seeFiles } from './observe.ts';
import { LINES } from './operator-lines.ts';

/** Runs `relay` and shows what it says; `input` is what is typed. */
export type Relay = (line: string, input?: string) => Promise<void>;

/** A line of words, each `%` in which stands for the folder that the operator's files are in. */
export function createRelay(stage: Stage, see: See): Relay {
  const folder = join(stage.dir, 'operator');
  return async (line, input = '') => {
    const [name = '', ...args] = line.split(' ').map((word) => word.replace('%', folder));
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
    stdin.end(input);
    const said = Promise.all([text(stdout), text(stderr)]);
    const code = await runRelay([name, ...args], { stdin, stdout, stderr });
    for (const stream of [stdout, stderr]) stream.end();
    const [written, complained] = await said;
    see('the operator', `relay ${line}, stdout`, written);
    see('the operator', `relay ${line}, stderr`, `${complained}${code}`);
  };
}

/** Every command, as it should be called and as it should not, with marked addresses in everything that it reads. */
export async function operate(stage: Stage, relay: Relay, see: See): Promise<void> {
  const folder = join(stage.dir, 'operator');
  mkdirSync(folder);
  for (const [file, content] of Object.entries(FILES)) writeFileSync(join(folder, file), content);
  await enterSome(stage);
  for (const line of LINES) await relay(line, `${markedEmail('typed')}\n${MARKS.address}\n`);
  const filling = relay('backfill %/given.csv --as-of 2026-01-02 --send --per-second 10');
  await sleep(250);
  seeFiles(folder, (place, of, content) => see(place, `operator/${of}`, content));
  await filling;
}

const FILES: Readonly<Record<string, string>> = {
  'given.csv': `email,at\n${[1, 2, 3, 4, 5].map((row) => `${markedEmail(`row-${row}`)},2026-01-02\n`).join('')}`,
  'broken.csv': `email,at\n${MARKS.address},${MARKS.address}\n"${markedEmail('broken')},\n`,
  'broken.jsonl': `{"email":"${markedEmail('broken')}\n${markedEmail('broken')}\n{"email":"${markedEmail('broken')}"}\n`,
};

/** What is held, refused, unsigned and dead: more of it than is done without a question. */
async function enterSome(stage: Stage): Promise<void> {
  const books = createContext(undefined);
  for (let number = 0; number < 12; number += 1)
    await enter(`held-${number}`, { kind: 'held', reason: 'surge-limit' }, books);
  await enter('operator', { kind: 'rejected', status: 400 }, books);
  const QueueUrl = `${stage.queueUrl}-dead-letters`;
  const letters = [markedEmail('dead'), JSON.stringify(commandFor(`${MARKS.address}-dead`))];
  for (const MessageBody of letters) await books.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
}

type Ended =
  | { readonly kind: 'held'; readonly reason: 'surge-limit' }
  | { readonly kind: 'rejected'; readonly status: number };

async function enter(name: string, outcome: Ended, { ledger, receipts }: Context): Promise<void> {
  const optOut = commandFor(`${MARKS.address}-${name}`);
  const closedAt = new Date();
  await ledger.claim(optOut, closedAt);
  const signedReceipt = await receipts.sign(optOut, { outcome, email: optOut.email, closedAt });
  await ledger.complete(optOut, { attempt: 1, outcome, signedReceipt }, closedAt);
}
