import { randomBytes } from 'node:crypto';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { publishCertificates } from '../harness/certificates.ts';
import { createJournal } from '../harness/journal.ts';
import type { Proven, Trial } from '../harness/proof.ts';
import { createTrial } from '../harness/proof.ts';
import type { Stage } from '../harness/stage.ts';
import { createStage } from '../harness/stage.ts';
import { until } from '../harness/until.ts';
import type { Caller } from './callers.ts';
import { createCallers } from './callers.ts';
import { checkReceipts, forgetBoth, optOutSomebody, receiptSecrets } from './receipts.ts';

/** The secrets are read at most once a second, so a new one is used a second after it has been stored. */
const KNOWN_AFTER_MS = 1_100;
/** One secret, and five more: from the third on, there is one that is older than the previous one. */
const ROUNDS = [0, 1, 2, 3, 4, 5] as const;
/** One instance: whoever delivers has read the secrets of his round. */
const DELIVERING = { DELIVER_CONCURRENCY: '1', HUBSPOT_RATE_PER_10_S: '50000' };

export interface RotationSize {
  /** How many sources' secrets are rotated. Default: all. */
  readonly senders?: number;
  /** How often everybody calls in each round, with every key. */
  readonly calls: number;
}

/** Secrets change while everybody calls: who is genuine is let in all the time, and who has the one before the previous is not. */
export async function proveRotation({ senders, calls }: RotationSize): Promise<Proven> {
  const trial = createTrial('letIn', 'rotation');
  const journal = createJournal();
  const unpublish = publishCertificates();
  const callers = createCallers(senders);
  const hubspot = hubspotSecrets();
  const receipts = receiptSecrets(ROUNDS.length);
  const secretsAt = (round: number) => {
    return { ...callers.secretsAt(round), hubspot: hubspot[round]?.secret, receipts: receipts[round] };
  };
  const stage = await createStage({ secrets: secretsAt(0), see: journal.read });
  let stop = async () => {};
  for (const round of ROUNDS) {
    if (round > 0) {
      const known = storeSecrets(secretsAt(round)).then(() => sleep(KNOWN_AFTER_MS));
      await Promise.all(callers.all.map((caller) => callWhile(known, caller, { trial, stage, round: round - 1 })));
    }
    await hubspot[round]?.accept(stage);
    if (round > 0) await forgetBoth(round - 1, receipts[round], { stage, journal });
    // As a deployment does: new instances, and then the old ones end.
    const start = await stage.deliverWith(DELIVERING);
    await stop();
    stop = start;
    await optOutSomebody(round, { stage, journal });
    await Promise.all(callers.all.map((caller) => callWithEvery(caller, { trial, stage, round, calls })));
  }
  const isThrough = () => [...journal.accepted].every((id) => journal.closed.has(id));
  await until(async () => isThrough(), Boolean, { limitMs: 120_000 });
  trial.holds(
    [...journal.closed.values()].every((outcome) => outcome === 'confirmed'),
    () => 'an opt-out was not confirmed',
  );
  for (const [status, count] of journal.deferred) trial.violated(`${count} attempts were put off, with ${status}`);
  await stop();
  const signed = await checkReceipts(receipts, trial);
  await stage.stop();
  unpublish();
  const secrets = callers.all.length + ['hubspot', 'receipts'].length;
  return trial.proven({ secrets, 'opt-outs': journal.accepted.size, receipts: signed });
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

interface Calling {
  readonly trial: Trial;
  readonly stage: Stage;
  readonly round: number;
}

/** Who has not changed to the new secret yet is let in all the time. */
async function callWhile(time: Promise<unknown>, caller: Caller, calling: Calling): Promise<void> {
  let isOver = false;
  time.then(
    () => {
      isOver = true;
    },
    () => undefined,
  );
  while (!isOver) await expectIn(caller, calling, calling.round);
}

/** The newest first: whoever has it makes the relay look, and from then on the oldest opens nothing. */
async function callWithEvery(
  caller: Caller,
  { calls, ...calling }: Calling & { readonly calls: number },
): Promise<void> {
  const { trial, stage, round } = calling;
  for (let call = 0; call < calls; call += 1) {
    await expectIn(caller, calling, round);
    if (round > 0) await expectIn(caller, calling, round - 1);
    for (const stranger of [round - 2, -1].filter((key) => key === -1 || key >= 0)) {
      const status = await caller.call(stage, stranger);
      trial.holds(
        status === caller.refused,
        () => `${caller.name} was answered ${status} in round ${round} with key ${stranger}`,
      );
    }
  }
}

async function expectIn(caller: Caller, { trial, stage, round }: Calling, key: number): Promise<void> {
  const status = await caller.call(stage, key);
  trial.holds(status < 300, () => `${caller.name} was answered ${status} in round ${round} with key ${key}`);
}

/** Two tokens, then OAuth, its client secret rotated, another client, and a token again; what HubSpot accepts is what stands in the secret by then, and nothing else. */
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
