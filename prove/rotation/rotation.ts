import { randomBytes } from 'node:crypto';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { stubCertificates } from '../harness/certificates.ts';
import { createOutcomeLog } from '../harness/outcome-log.ts';
import type { Proof, ProofResult } from '../harness/proof.ts';
import { createProof } from '../harness/proof.ts';
import type { Stage } from '../harness/stage.ts';
import { createStage } from '../harness/stage.ts';
import { until } from '../harness/until.ts';
import type { Caller } from './callers.ts';
import { createCallers } from './callers.ts';
import { checkReceipts, deliverOptOut, eraseBoth, receiptSecrets } from './receipts.ts';

/** Secrets are read at most once a second, so a new secret is used a second after it was stored. */
const ACTIVE_AFTER_MS = 1_100;
/** The first secret and five rotations. From the third round on, there is a key older than the previous one. */
const ROUNDS = [0, 1, 2, 3, 4, 5] as const;
/** A single instance, so that the secrets of the round are in use. */
const DELIVERY_SETTINGS = { DELIVER_CONCURRENCY: '1', HUBSPOT_RATE_PER_10_S: '50000' };

export interface RotationSize {
  /** How many sources' secrets are rotated. @default all */
  readonly senders?: number;
  /** How often each caller calls in each round, with every key. */
  readonly calls: number;
}

/**
 * Rotates every secret while all callers call. The current and the previous key are accepted at any time, and older keys are
 * rejected.
 */
export async function proveRotation({ senders, calls }: RotationSize): Promise<ProofResult> {
  const proof = createProof('unauthenticated', 'rotation');
  const outcomes = createOutcomeLog();
  const restoreFetch = stubCertificates();
  const callers = createCallers(senders);
  const hubspot = hubspotSecrets();
  const receipts = receiptSecrets(ROUNDS.length);
  const secretsAt = (round: number) => {
    return { ...callers.secretsAt(round), hubspot: hubspot[round]?.secret, receipts: receipts[round] };
  };
  const stage = await createStage({ secrets: secretsAt(0), onOutput: outcomes.read });
  let stop = async () => {};
  for (const round of ROUNDS) {
    if (round > 0) {
      const active = storeSecrets(secretsAt(round)).then(() => sleep(ACTIVE_AFTER_MS));
      await Promise.all(callers.all.map((caller) => callUntil(active, caller, { proof, stage, round: round - 1 })));
    }
    await hubspot[round]?.accept(stage);
    if (round > 0) await eraseBoth(round - 1, receipts[round], { stage, outcomes });
    // Like a deployment: new instances start before the old ones stop.
    const stopNew = await stage.startDelivery(DELIVERY_SETTINGS);
    await stop();
    stop = stopNew;
    await deliverOptOut(round, { stage, outcomes });
    await Promise.all(callers.all.map((caller) => callWithEvery(caller, { proof, stage, round, calls })));
  }
  const isDone = async () => [...outcomes.accepted].every((id) => outcomes.closed.has(id));
  await until(isDone, Boolean, { limitMs: 120_000 });
  proof.check(
    [...outcomes.closed.values()].every((outcome) => outcome === 'confirmed'),
    () => 'an opt-out was not confirmed',
  );
  for (const [status, count] of outcomes.deferred) proof.violation(`${count} attempts were deferred with ${status}`);
  await stop();
  const receiptCount = await checkReceipts(receipts, proof);
  await stage.stop();
  restoreFetch();
  const secrets = callers.all.length + ['hubspot', 'receipts'].length;
  return proof.result({ secrets, 'opt-outs': outcomes.accepted.size, receipts: receiptCount });
}

async function storeSecrets(secrets: Readonly<Record<string, unknown>>): Promise<void> {
  const client = new SecretsManagerClient();
  const stored = Object.entries(secrets).map(([name, value]) => {
    const SecretId = process.env[`${name.toUpperCase()}_SECRET`];
    return client.send(new PutSecretValueCommand({ SecretId, SecretString: JSON.stringify(value) }));
  });
  await Promise.all(stored);
  client.destroy();
}

interface CallContext {
  readonly proof: Proof;
  readonly stage: Stage;
  readonly round: number;
}

/** Calls with the old secret until the new one is active. Every call must be accepted. */
async function callUntil(active: Promise<unknown>, caller: Caller, context: CallContext): Promise<void> {
  let isActive = false;
  active.then(
    () => {
      isActive = true;
    },
    () => undefined,
  );
  while (!isActive) await expectAccepted(caller, context, context.round);
}

/** Calls with the newest key first: the relay then reads the new secret, and must reject older keys from then on. */
async function callWithEvery(
  caller: Caller,
  { calls, ...context }: CallContext & { readonly calls: number },
): Promise<void> {
  const { proof, stage, round } = context;
  for (let call = 0; call < calls; call += 1) {
    await expectAccepted(caller, context, round);
    if (round > 0) await expectAccepted(caller, context, round - 1);
    for (const invalidKey of [round - 2, -1].filter((key) => key === -1 || key >= 0)) {
      const status = await caller.call(stage, invalidKey);
      proof.check(
        status === caller.rejectedStatus,
        () => `${caller.name} got ${status} in round ${round} with key ${invalidKey}`,
      );
    }
  }
}

async function expectAccepted(caller: Caller, { proof, stage, round }: CallContext, key: number): Promise<void> {
  const status = await caller.call(stage, key);
  proof.check(status < 300, () => `${caller.name} got ${status} in round ${round} with key ${key}`);
}

/**
 * The HubSpot secret of each round: two tokens, OAuth, a new client secret, another client, and a token again. HubSpot accepts
 * only the credentials of the current round.
 */
function hubspotSecrets() {
  const tokens = [secretText(), secretText(), secretText()] as const;
  const clients = ['client', 'client', 'other'].map((clientId) => {
    return { clientId, clientSecret: secretText(), refreshToken: secretText() };
  });
  const ofToken = (token: string) => ({ secret: { token }, accept: accepting({ tokens: [token] }) });
  const ofClient = (oauth: object) => ({ secret: { oauth }, accept: accepting({ tokens: [], oauth }) });
  return [ofToken(tokens[0]), ofToken(tokens[1]), ...clients.map(ofClient), ofToken(tokens[2])];
}

const accepting = (credentials: object) => (stage: Stage) => stage.sim('tokens', 'POST', credentials);
const secretText = () => randomBytes(16).toString('hex');
