import process from 'node:process';
import { publishCertificates } from '../harness/certificates.ts';
import { createJournal } from '../harness/journal.ts';
import type { Proven } from '../harness/proof.ts';
import { createTrial } from '../harness/proof.ts';
import type { Stage } from '../harness/stage.ts';
import { createStage } from '../harness/stage.ts';
import { until } from '../harness/until.ts';
import { accountFor } from './account.ts';
import type { Letter } from './requests.ts';
import { lettersOf, TROUBLES } from './requests.ts';

export interface LoadSize {
  readonly senders: number;
  /** Kinds of messages of each sender, and how many of each kind. */
  readonly kinds: number;
  readonly each: number;
  /** How many calls of HubSpot fail in the midst of it, whatever they are about. */
  readonly outage: number;
}

const POSTING_AT_ONCE = 16;
const INSTANCES = 8;

/** Many send at once, twice and out of order, while HubSpot fails in every way; then each opt-out is looked for by its id. */
export async function proveLoad(size: LoadSize): Promise<Proven> {
  const trial = createTrial('lost', 'two-phase load');
  const journal = createJournal();
  const unpublish = publishCertificates();
  const stage = await createStage({ see: journal.read });
  const letters = shuffled(lettersOf(size, stage.url));
  await makeTrouble(stage, letters);
  const stop = await stage.deliverWith({ DELIVER_CONCURRENCY: `${INSTANCES}`, HUBSPOT_RATE_PER_10_S: '999999' });

  const startedAt = performance.now();
  await Promise.all(Array.from({ length: POSTING_AT_ONCE }, (_none, worker) => post(letters, worker)));
  const acceptedMs = performance.now() - startedAt;
  const expected = new Map(letters.flatMap(({ commands }) => commands.map((command) => [command.id, command])));
  const isThrough = async () =>
    [...expected.keys()].every((id) => journal.closed.has(id)) && (await stage.left()) === 0;
  const limitMs = 60_000 + expected.size * 30;
  await until(isThrough, Boolean, { limitMs, everyMs: 500 }).catch(() => trial.violated('it took too long'));
  const tookMs = performance.now() - startedAt;
  await stop();

  const { waits, states } = await accountFor(expected, { trial, dir: stage.dir });
  await stage.stop();
  unpublish();
  const perSecond = (count: number, ms: number) => Math.round((count * 1000) / ms);
  return trial.proven({
    posts: letters.length,
    'opt-outs': expected.size,
    ...states,
    'put off': [...journal.deferred.values()].reduce((sum, count) => sum + count, 0),
    'accepted/s': perSecond(expected.size, acceptedMs),
    'confirmed/s': perSecond(states['confirmed'] ?? 0, tookMs),
    'p50 ms': waits[Math.floor(waits.length * 0.5)] ?? 0,
    'p99 ms': waits[Math.floor(waits.length * 0.99)] ?? 0,
    'RSS MB, with all emulators': Math.round(process.resourceUsage().maxRSS / 1024),
  });

  async function post(all: readonly Letter[], worker: number): Promise<void> {
    const middle = Math.floor(all.length / 2);
    for (let at = worker; at < all.length; at += POSTING_AT_ONCE) {
      if (at === middle && size.outage > 0) await goDown(stage, size.outage);
      const status = await all[at]?.post(stage);
      trial.holds(status === 200, () => `a sender was answered ${status}`);
    }
  }
}

/** As often as there are addresses that are named for a trouble, it meets one of them. */
async function makeTrouble(stage: Stage, letters: readonly Letter[]): Promise<void> {
  const addresses = letters.flatMap(({ commands }) => commands.map(({ email }) => email ?? ''));
  const faults = Object.entries(TROUBLES).flatMap(([name, fault]) => {
    const times = new Set(addresses.filter((address) => address.startsWith(`${name}-`))).size;
    return fault === undefined || times === 0 ? [] : [{ match: `/${name}-`, method: 'POST', times, ...fault }];
  });
  await stage.sim('faults', 'POST', faults);
}

async function goDown(stage: Stage, times: number): Promise<void> {
  await stage.sim('faults', 'POST', [{ match: 'unsubscribe-all', times, status: 503 }]);
}

/** Fisher and Yates. */
function shuffled<Item>(items: readonly Item[]): Item[] {
  const all = [...items];
  for (let last = all.length - 1; last > 0; last -= 1) {
    const at = Math.floor(Math.random() * (last + 1));
    [all[last], all[at]] = [all[at] as Item, all[last] as Item];
  }
  return all;
}
