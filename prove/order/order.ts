import fc from 'fast-check';
import { deliver } from '../../functions/core/delivery/deliver.ts';
import type { OptOut } from '../../functions/core/model/opt-out.ts';
import { isOptedOut } from '../../local/hubspot/person.ts';
import { commandFor } from '../harness/commands.ts';
import type { Proven } from '../harness/proof.ts';
import { createTrial } from '../harness/proof.ts';
import { createAccount } from './account.ts';

/** What a person wanted at a time. Seconds since the first day. */
interface Will {
  readonly isOptOut: boolean;
  readonly at: number;
  /** How long after it the opt-out comes to us, and comes again; an opt-in is HubSpot's own, at once. */
  readonly delays: readonly number[];
}

interface Story {
  readonly wills: readonly Will[];
  /** What happens to HubSpot's answers, one after the other; then all is well. */
  readonly troubles: readonly Trouble[];
}

export type Trouble = 'none' | 'down' | 'cut before' | 'cut after';

const DAY = 86_400;
const HOUR = 3_600;
const EMAIL = 'person@example.com';

export interface OrderSize {
  readonly stories: number;
}

/**
 * Opt-outs, opt-ins, duplicates and replays of one person in any order, with HubSpot failing in between: what HubSpot has on
 * record in the end is the newest will. First with every signal checked, then as configured, where what is newer than an hour
 * is not: there no opt-in follows an opt-out within the hour.
 */
export async function proveOrder({ stories }: OrderSize): Promise<Proven> {
  const trial = createTrial('doubled', 'order');
  for (const [staleAfterSeconds, apart] of [
    [0, 1],
    [HOUR, HOUR + 1],
  ] as const) {
    const property = fc.asyncProperty(storiesOf(apart), async (story) => {
      const isOut = await endOf(story, staleAfterSeconds);
      trial.holds(true, () => '');
      return isOut === newestOf(story).isOptOut;
    });
    const { failed, counterexample } = await fc.check(property, { numRuns: stories });
    if (failed) trial.violated(`checked after ${staleAfterSeconds} s: ${JSON.stringify(counterexample)}`);
  }
  return trial.proven({ stories: 2 * stories });
}

const delay = fc.oneof(fc.constant(0), fc.nat(120), fc.nat(2 * HOUR), fc.nat(14 * DAY));
const trouble = fc.constantFrom<Trouble>('none', 'none', 'down', 'cut before', 'cut after');

/** Wills that are at least so many seconds apart. */
function storiesOf(apart: number): fc.Arbitrary<Story> {
  const gap = fc.oneof(fc.nat(60), fc.nat(3 * HOUR), fc.nat(3 * DAY));
  const will = fc.record({ isOptOut: fc.boolean(), gap, delays: fc.array(delay, { minLength: 1, maxLength: 3 }) });
  return fc
    .record({ wills: fc.array(will, { minLength: 1, maxLength: 6 }), troubles: fc.array(trouble, { maxLength: 8 }) })
    .map(({ wills, troubles }) => {
      let at = 0;
      const placed = wills.map(({ gap: seconds, ...rest }) => {
        at += apart + seconds;
        return { ...rest, at };
      });
      return { wills: placed, troubles };
    });
}

const newestOf = ({ wills }: Story): Will => wills.toSorted((one, two) => two.at - one.at)[0] as Will;

interface Happening {
  readonly at: number;
  readonly optOut?: OptOut;
}

/** Lets everything happen at its time, and what was put off again. Whether the person is opted out then. */
async function endOf({ wills, troubles }: Story, staleAfterSeconds: number): Promise<boolean> {
  const account = createAccount(EMAIL, { troubles, staleAfterSeconds });
  let happenings: readonly Happening[] = wills.flatMap(happeningsOf);
  for (let step = 0; happenings.length > 0 && step < 1_000; step += 1) {
    const [next, ...later] = happenings.toSorted((one, two) => one.at - two.at) as [Happening];
    account.time.now = dateOf(next.at);
    const again = next.optOut ? await retryOf(next.optOut) : account.optIn();
    happenings = again === undefined ? later : [...later, { ...next, at: next.at + again }];
  }
  const isOut = isOptedOut(account.person());
  account.close();
  return isOut;

  async function retryOf(optOut: OptOut): Promise<number | undefined> {
    const { outcome } = await deliver(optOut, account.ports);
    return outcome.kind === 'deferred' ? outcome.retryAfterSeconds : undefined;
  }
}

function happeningsOf({ isOptOut, at, delays }: Will): readonly Happening[] {
  if (!isOptOut) return [{ at }];
  const occurredAt = dateOf(at).toISOString();
  const receivedAt = dateOf(at + Math.min(...delays)).toISOString();
  const { id } = commandFor(`will-${at}`);
  const optOut = { ...commandFor('person'), id, occurredAt, receivedAt };
  return delays.map((each) => ({ at: at + each, optOut }));
}

function dateOf(seconds: number): Date {
  return new Date(Date.UTC(2026, 0, 1) + seconds * 1000);
}
