import { sources } from '../../functions/sources/index.ts';
import { captureOutput } from '../harness/capture-output.ts';
import { stubCertificates } from '../harness/certificates.ts';
import type { Proof, ProofResult } from '../harness/proof.ts';
import { createProof } from '../harness/proof.ts';
import type { Stage } from '../harness/stage.ts';
import { createStage } from '../harness/stage.ts';
import { isAllowed } from './allowed-places.ts';
import { sendAwsEvents } from './aws-events.ts';
import { breakSecrets } from './broken-secrets.ts';
import { createRelay, runAllCommands } from './cli.ts';
import { sendHttpRequests } from './http-requests.ts';
import { deliverWithFaults, sweepWithFaults } from './hubspot-faults.ts';
import { invokeEach, withEachServiceDown } from './invocations.ts';
import { encodingsOf, MARKS, markedKeyOf, marksIn } from './marks.ts';
import type { Observe, Place } from './observe.ts';
import { observeFiles, observeOutgoing } from './observe.ts';

export interface SecretsSize {
  /** How many of its fixtures each source sends. */
  readonly fixtures: number;
  /** Whether HubSpot calls also time out, which takes half a minute. */
  readonly timeouts: boolean;
  /** Tries every nth broken value of the secrets. */
  readonly every: number;
}

/** The functions and events that must appear in the log. Otherwise the run was incomplete. */
const MUST_APPEAR = [
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

/** Exercises the whole relay with marked addresses and secrets. No output may contain a mark, except in the allowed places. */
export async function proveNothingLeaks(size: SecretsSize): Promise<ProofResult> {
  const proof = createProof('leaked', 'secrets and addresses');
  const figures: Record<Place, number> = { log: 0, request: 0, response: 0, file: 0, cli: 0 };
  const outputs: string[] = [];
  const appeared = new Set<string>();
  const observe: Observe = (place, detail, text) => {
    figures[place] += 1;
    outputs.push(text);
    for (const [, name = ''] of text.matchAll(/"(?:event|service)":"([\w.]+)"/g)) appeared.add(name);
    const leaks = marksIn(text).filter((mark) => !isAllowed(mark, place, detail));
    proof.check(leaks.length === 0, () => `${place} (${detail}) contains ${leaks.join(' and ')}`);
  };
  for (const [encoding, text] of Object.entries(encodingsOf(Object.values(MARKS).join(' ')))) {
    proof.check(marksIn(`x${text}x`).length === 2, () => `the search does not find a mark in ${encoding}`);
  }
  const restores = [captureOutput('stderr', (text) => observe('log', 'stderr', text)), stubCertificates()];
  const stage = await createStage({ secrets: markedSecrets(), onOutput: (text) => observe('log', 'stdout', text) });
  restores.push(observeOutgoing(observe));
  await exercise(stage, size, { proof, observe, outputs });
  for (const restore of restores) restore();
  for (const name of MUST_APPEAR) proof.check(appeared.has(name), () => `${name} did not appear in the log`);
  return proof.result(figures);
}

interface Observation {
  readonly proof: Proof;
  readonly observe: Observe;
  /** All observed texts. */
  readonly outputs: string[];
}

/** Sends, fails and breaks everything that the relay may encounter. */
async function exercise(
  stage: Stage,
  { fixtures, timeouts, every }: SecretsSize,
  { proof, observe, outputs }: Observation,
): Promise<void> {
  const relay = createRelay(stage, observe);
  const stop = await stage.startDelivery({ DELIVER_CONCURRENCY: '2', HUBSPOT_RATE_PER_10_S: '5000' });
  await sendHttpRequests(stage, { fixtures, observe });
  await sendAwsEvents(stage, fixtures);
  await deliverWithFaults(stage, timeouts);
  await sweepWithFaults(stage);
  await runAllCommands(stage, relay, observe);
  await stop();
  await withEachServiceDown(invokeEach);
  const unnamed = await breakSecrets(every, async ({ functions, commands }) => {
    outputs.length = 0;
    await invokeEach(functions);
    for (const command of commands) await relay(command);
    return outputs.join('\n');
  });
  proof.check(unnamed.length === 0, () => `broken secrets that the output did not name: ${unnamed.join(', ')}`);
  observeFiles(stage.dir, observe);
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

/** Returns 32 bytes that contain the mark, in base64url. */
function markedBytes(name: string): string {
  return Buffer.from(`${MARKS.secret}-${name}`.padEnd(32, '.')).toString('base64url');
}
