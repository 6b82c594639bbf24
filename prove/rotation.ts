import { randomBytes } from 'node:crypto';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { openJournal } from './journal.ts';
import type { Proven, Trial } from './proof.ts';
import { openTrial } from './proof.ts';
import { publishCertificates } from './published.ts';
import type { Caller } from './rotation-callers.ts';
import { openCallers } from './rotation-callers.ts';
import type { Stage } from './stage.ts';
import { openStage } from './stage.ts';
import { until } from './until.ts';

/** The secrets are read at most once a second, so a new one is used a second after it has been stored. */
const KNOWN_AFTER_MS = 1_100;
/** One secret, the next, and one more: then the first is older than the previous one. */
const ROUNDS = [0, 1, 2] as const;

export interface RotationSize {
  /** How many sources' secrets are rotated. Default: all. */
  readonly senders?: number;
  /** How often everybody calls in each round, with every key. */
  readonly calls: number;
}

/** Secrets change while everybody calls: who is genuine is let in all the time, and who has the one before the previous is not. */
export async function proveRotation({ senders, calls }: RotationSize): Promise<Proven> {
  const trial = openTrial('letIn', 'rotation');
  const journal = openJournal();
  const unpublish = publishCertificates();
  const callers = openCallers(senders);
  const hubspot = hubspotSecrets();
  const secrets = { ...callers.secretsAt(0), hubspot: hubspot[0]?.secret };
  const stage = await openStage({ secrets, see: journal.read });
  await hubspot[0]?.accept(stage);
  const stop = await stage.deliverWith({ DELIVER_CONCURRENCY: '2', HUBSPOT_RATE_PER_10_S: '50000' });
  const client = new SecretsManagerClient();
  const put = (name: string, value: unknown) =>
    client.send(
      new PutSecretValueCommand({ SecretId: process.env[`${name}_SECRET`], SecretString: JSON.stringify(value) }),
    );
  for (const round of ROUNDS) {
    if (round > 0) {
      const { sources, links } = callers.secretsAt(round);
      const known = sleep(KNOWN_AFTER_MS);
      await Promise.all([put('SOURCES', sources), put('LINKS', links), put('HUBSPOT', hubspot[round]?.secret)]);
      await Promise.all([
        known,
        ...callers.all.map((caller) => callWhile(known, caller, { trial, stage, round: round - 1 })),
      ]);
      await hubspot[round]?.accept(stage);
    }
    await Promise.all(callers.all.map((caller) => callWithEvery(caller, { trial, stage, round, calls })));
  }
  const isThrough = () => [...journal.accepted].every((id) => journal.closed.has(id));
  await until(async () => isThrough(), Boolean, { limitMs: 120_000 });
  trial.holds(
    [...journal.closed.values()].every((outcome) => outcome === 'confirmed'),
    () => 'an opt-out was not confirmed',
  );
  trial.holds(
    !journal.deferred.has(401),
    () => `HubSpot knew the token of ${journal.deferred.get(401)} attempts no longer`,
  );
  await stop();
  client.destroy();
  await stage.stop();
  unpublish();
  return trial.proven({ secrets: callers.all.length + hubspot.length, 'opt-outs': journal.accepted.size });
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

/** Two tokens, then OAuth instead; what HubSpot accepts is what stands in the secret by then, and nothing else. */
function hubspotSecrets() {
  const [first, second] = [randomBytes(16).toString('hex'), randomBytes(16).toString('hex')];
  const oauth = { clientId: 'client', clientSecret: randomBytes(16).toString('hex'), refreshToken: 'refresh' };
  return [
    { secret: { token: first }, accept: (stage: Stage) => stage.sim('tokens', 'POST', { tokens: [first, second] }) },
    { secret: { token: second }, accept: (stage: Stage) => stage.sim('tokens', 'POST', { tokens: [second], oauth }) },
    { secret: { oauth }, accept: (stage: Stage) => stage.sim('tokens', 'POST', { tokens: [] }) },
  ];
}
