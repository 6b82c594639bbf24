import process from 'node:process';
import type { Stage } from '../harness/stage.ts';
import { deliveries } from './deliveries.ts';
import { events } from './events.ts';
import type { CrashLedger } from './ledger.ts';
import { createCrashLedger } from './ledger.ts';
import type { Others } from './others.ts';
import { createOthers } from './others.ts';
import { requests } from './requests.ts';
import { sweeps } from './sweeps.ts';

/** A way of an opt-out, or of several, through one function. */
export interface CrashWay {
  readonly name: string;
  readonly function: FunctionName;
  /** `turn`: a number that was not there before. */
  begin(turn: number): Promise<CrashTurn>;
}

type FunctionName = 'webhook' | 'unsubscribe' | 'events' | 'mailbox' | 'deliver' | 'sweep';

export interface CrashTurn {
  readonly event: unknown;
  /** Lets others finish what is left; `end` where the function came so far. Gives what is not as it should be. */
  after(end: CrashEnd | undefined): Promise<string | undefined>;
}

/** How a function ended that was not killed. */
export interface CrashEnd {
  /** How many awaits it had. */
  readonly awaits: number;
  readonly answer?: unknown;
}

/** What a way is made with. */
export interface Scene {
  readonly stage: Stage;
  readonly others: Others;
  readonly ledger: CrashLedger;
  /** How often HubSpot has opted this address out. */
  readonly writesOf: (email: string) => Promise<number>;
}

export interface CrashWays {
  readonly ways: readonly CrashWay[];
  /** Delivers what came in late: whoever sent it was dead by then. */
  finish(): Promise<void>;
}

/** Every function between a signal's arrival and its confirmation, and the one that looks after both. */
export async function createCrashWays(stage: Stage): Promise<CrashWays> {
  Object.assign(process.env, { DELIVER_CONCURRENCY: '1', HUBSPOT_RATE_PER_10_S: '999999' });
  const ledger = await createCrashLedger();
  const others = await createOthers(stage);
  const writesOf = async (email: string) => (await stage.contact(email)).optOutWrites;
  const scene = { stage, others, ledger, writesOf };
  const ways = [requests, events, deliveries, sweeps].flatMap((make) => make(scene));
  const begin = async (way: CrashWay, turn: number) => {
    // What was there before would be swept, too, and of what is only inferred the brake holds all but the first thousand.
    await ledger.clear();
    return way.begin(turn);
  };
  return { ways: ways.map((way) => ({ ...way, begin: (turn) => begin(way, turn) })), finish: others.deliverAll };
}

/** What is there, where it is not what should be. */
export function otherThan(shouldBe: object, is: object): string | undefined {
  return JSON.stringify(is) === JSON.stringify(shouldBe) ? undefined : JSON.stringify(is);
}
