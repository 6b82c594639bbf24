import fc from 'fast-check';
import { deliver } from '../../functions/core/delivery/deliver.ts';
import type { OptOut } from '../../functions/core/model/opt-out.ts';
import { commandFor } from '../harness/commands.ts';
import type { ProofResult } from '../harness/proof.ts';
import { createProof } from '../harness/proof.ts';
import type { Fault } from './simulated-contact.ts';
import { createSimulatedContact } from './simulated-contact.ts';

/** An opt-out or opt-in by the recipient. Times are seconds since the first day. */
interface Choice {
  readonly isOptOut: boolean;
  readonly at: number;
  /** The delays after which the relay receives the opt-out and its duplicates. HubSpot applies an opt-in immediately. */
  readonly delays: readonly number[];
}

interface History {
  readonly choices: readonly Choice[];
  /** The faults of HubSpot's first calls, in order. */
  readonly faults: readonly Fault[];
}

const DAY = 86_400;
const HOUR = 3_600;
const EMAIL = 'person@example.com';

export interface OrderSize {
  readonly histories: number;
}

/**
 * Delivers opt-outs, opt-ins, duplicates and replays of one recipient in any order while HubSpot fails: HubSpot ends in the
 * state of the newest choice. Runs first with every signal checked, then with the default of one hour. In the latter, choices
 * are more than an hour apart, since newer signals are not checked.
 */
export async function proveOrder({ histories }: OrderSize): Promise<ProofResult> {
  const proof = createProof('doubled', 'order');
  for (const [staleAfterSeconds, minGap] of [
    [0, 1],
    [HOUR, HOUR + 1],
  ] as const) {
    const property = fc.asyncProperty(anyHistory(minGap), async (history) => {
      const isOptedOutAtEnd = await play(history, staleAfterSeconds);
      proof.check(true, () => '');
      return isOptedOutAtEnd === newestOf(history).isOptOut;
    });
    const { failed, counterexample } = await fc.check(property, { numRuns: histories });
    if (failed) proof.violation(`staleAfterSeconds ${staleAfterSeconds}: ${JSON.stringify(counterexample)}`);
  }
  return proof.result({ histories: 2 * histories });
}

const delay = fc.oneof(fc.constant(0), fc.nat(120), fc.nat(2 * HOUR), fc.nat(14 * DAY));
const fault = fc.constantFrom<Fault>('none', 'none', 'down', 'cut before', 'cut after');

/** Generates histories whose choices are at least `minGap` seconds apart. */
function anyHistory(minGap: number): fc.Arbitrary<History> {
  const gap = fc.oneof(fc.nat(60), fc.nat(3 * HOUR), fc.nat(3 * DAY));
  const choice = fc.record({ isOptOut: fc.boolean(), gap, delays: fc.array(delay, { minLength: 1, maxLength: 3 }) });
  return fc
    .record({ choices: fc.array(choice, { minLength: 1, maxLength: 6 }), faults: fc.array(fault, { maxLength: 8 }) })
    .map(({ choices, faults }) => {
      let at = 0;
      const timed = choices.map(({ gap: seconds, ...rest }) => {
        at += minGap + seconds;
        return { ...rest, at };
      });
      return { choices: timed, faults };
    });
}

const newestOf = ({ choices }: History): Choice => choices.toSorted((a, b) => b.at - a.at)[0] as Choice;

/** The delivery of an opt-out, or an opt-in. */
interface Step {
  readonly at: number;
  readonly optOut?: OptOut;
}

/** Plays all steps at their times, and retries deferred deliveries. Returns whether the contact is opted out at the end. */
async function play({ choices, faults }: History, staleAfterSeconds: number): Promise<boolean> {
  const contact = createSimulatedContact(EMAIL, { faults, staleAfterSeconds });
  let steps: readonly Step[] = choices.flatMap(stepsOf);
  for (let count = 0; steps.length > 0 && count < 1_000; count += 1) {
    const [next, ...later] = steps.toSorted((a, b) => a.at - b.at) as [Step];
    contact.time.now = dateOf(next.at);
    const retryAfterSeconds = next.optOut ? await attempt(next.optOut) : contact.optIn();
    steps = retryAfterSeconds === undefined ? later : [...later, { ...next, at: next.at + retryAfterSeconds }];
  }
  const isOptedOutAtEnd = contact.isOptedOut();
  contact.close();
  return isOptedOutAtEnd;

  async function attempt(optOut: OptOut): Promise<number | undefined> {
    const { outcome } = await deliver(optOut, contact.ports);
    return outcome.kind === 'deferred' ? outcome.retryAfterSeconds : undefined;
  }
}

function stepsOf({ isOptOut, at, delays }: Choice): readonly Step[] {
  if (!isOptOut) return [{ at }];
  const occurredAt = dateOf(at).toISOString();
  const receivedAt = dateOf(at + Math.min(...delays)).toISOString();
  const { id } = commandFor(`choice-${at}`);
  const optOut = { ...commandFor('person'), id, occurredAt, receivedAt };
  return delays.map((delaySeconds) => ({ at: at + delaySeconds, optOut }));
}

function dateOf(seconds: number): Date {
  return new Date(Date.UTC(2026, 0, 1) + seconds * 1000);
}
