import { sources } from '../../functions/sources/index.ts';
import { publishCertificates } from '../harness/certificates.ts';
import { takeOutput } from '../harness/output.ts';
import type { Proven, Trial } from '../harness/proof.ts';
import { createTrial } from '../harness/proof.ts';
import type { Stage } from '../harness/stage.ts';
import { createStage } from '../harness/stage.ts';
import { arriveAll } from './arrivals.ts';
import { belongs } from './belong.ts';
import { breakSecrets } from './broken.ts';
import { eachServiceGone, invokeEach } from './invocations.ts';
import { formsOf, MARKS, markedKeyOf, marksIn } from './marks.ts';
import type { Place, See } from './observe.ts';
import { seeFiles, seeOutgoing } from './observe.ts';
import { createRelay, operate } from './operator.ts';
import { postAll } from './traffic.ts';
import { sweepAll, tellHubSpot } from './trouble.ts';

export interface SecretsSize {
  /** How many of its fixtures each source sends. */
  readonly fixtures: number;
  /** Whether HubSpot also does not answer at all, which takes half a minute. */
  readonly silent: boolean;
  /** Each of so many broken values is put into a secret. */
  readonly every: number;
}

/** Without a word of these the run was not what it is to be: whom it goes through, and what has to go wrong. */
const MUST_HAPPEN = [
  ...['webhook', 'unsubscribe', 'mailbox', 'events', 'deliver', 'sweep'],
  ...['optout.overdue', 'optout.requeued', 'optout.drifted', 'drift.stopped', 'receipt.unsigned'],
  ...[
    'signals.unreadable',
    'request.unauthenticated',
    'request.failed',
    'delivery.failed',
    'sweep.failed',
    'local.result',
  ],
];

/** A run in which all addresses and secrets are marked; nothing that can be seen from outside may hold a mark. */
export async function proveNothingLeaks(size: SecretsSize): Promise<Proven> {
  const trial = createTrial('leaked', 'secrets and addresses');
  const figures: Record<Place, number> = { 'the log': 0, 'a call': 0, 'an answer': 0, 'a file': 0, 'the operator': 0 };
  const heard: string[] = [];
  const happened = new Set<string>();
  const see: See = (place, of, text) => {
    figures[place] += 1;
    heard.push(text);
    for (const [, what = ''] of text.matchAll(/"(?:event|service)":"([\w.]+)"/g)) happened.add(what);
    const told = marksIn(text).filter((mark) => !belongs(mark, place, of));
    trial.holds(told.length === 0, () => `${place} (${of}) tells ${told.join(' and ')}`);
  };
  for (const [form, text] of Object.entries(formsOf(Object.values(MARKS).join(' ')))) {
    trial.holds(marksIn(`x${text}x`).length === 2, () => `the search does not find a mark in ${form}`);
  }
  const ends = [takeOutput('stderr', (text) => see('the log', 'stderr', text)), publishCertificates()];
  const stage = await createStage({ secrets: markedSecrets(), see: (text) => see('the log', 'stdout', text) });
  ends.push(seeOutgoing(see));
  await goThrough(stage, size, { trial, see, heard });
  for (const end of ends) end();
  for (const what of MUST_HAPPEN) trial.holds(happened.has(what), () => `nothing was said of ${what}`);
  return trial.proven(figures);
}

interface Watch {
  readonly trial: Trial;
  readonly see: See;
  /** All that has been seen. */
  readonly heard: string[];
}

/** Everything that can happen to the relay. */
async function goThrough(
  stage: Stage,
  { fixtures, silent, every }: SecretsSize,
  { trial, see, heard }: Watch,
): Promise<void> {
  const relay = createRelay(stage, see);
  const stop = await stage.deliverWith({ DELIVER_CONCURRENCY: '2', HUBSPOT_RATE_PER_10_S: '5000' });
  await postAll(stage, { fixtures, see });
  await arriveAll(stage, fixtures);
  await tellHubSpot(stage, silent);
  await sweepAll(stage);
  await operate(stage, relay, see);
  await stop();
  await eachServiceGone(invokeEach);
  const unnamed = await breakSecrets(every, async ({ functions, lines }) => {
    heard.length = 0;
    await invokeEach(functions);
    for (const line of lines) await relay(line);
    return heard.join('\n');
  });
  trial.holds(unnamed.length === 0, () => `not named when it is broken: ${unnamed.join(', ')}`);
  seeFiles(stage.dir, see);
  await stage.stop();
}

function markedSecrets() {
  return {
    hubspot: { token: `pat-${MARKS.secret}` },
    sources: Object.fromEntries(sources.map(({ name }) => [name, [markedKeyOf(name).secret]])),
    links: { keys: [{ kid: 'prove', key: markedBytes('links') }], apiKeys: [`${MARKS.secret}-links`] },
    receipts: { keys: [{ kid: 'prove', privateKey: markedBytes('receipts') }], hashKeys: [markedBytes('hash')] },
  };
}

/** 32 of them with the mark in them. */
function markedBytes(name: string): string {
  return Buffer.from(`${MARKS.secret}-${name}`.padEnd(32, '.')).toString('base64url');
}
