import type { Entry } from '../../functions/core/ledger/ledger.ts';
import { verifyReceipt } from '../../functions/crypto/signed-receipts.ts';
import { commandFor } from '../harness/commands.ts';
import type { CrashWay, Scene } from './ways.ts';
import { otherThan } from './ways.ts';

/** What the sweep finds of a command. */
interface Case {
  /** Its receipt; left out: it is open, and no message brings it any more. */
  readonly receipt?: 'signed' | 'lacking';
  readonly isInHubSpot: boolean;
  /** Once HubSpot is down when it is asked about it: the walk ends there, and goes on in the next run. */
  readonly isUnread?: boolean;
  /** How often HubSpot is to be told. */
  readonly writes: number;
}

/** In the order in which the walk comes by. */
const CASES: readonly Case[] = [
  { receipt: 'lacking', isInHubSpot: true, writes: 0 },
  { receipt: 'signed', isInHubSpot: false, writes: 1 },
  { receipt: 'signed', isInHubSpot: false, isUnread: true, writes: 1 },
  { receipt: 'signed', isInHubSpot: true, writes: 0 },
  { isInHubSpot: false, writes: 1 },
];

const MINUTE_MS = 60_000;
/** The next run, and one for which what was to be queued, and was not, is late by an hour; none between finds more. */
const NEXT_RUNS_MINUTES = [5, 70];

/** Runs that have one of each to do. */
export const sweeps = (scene: Scene): readonly CrashWay[] => [
  {
    name: 'a sweep',
    function: 'sweep',
    async begin(turn) {
      const now = new Date();
      const people = await peopleOf(turn, new Date(now.getTime() - 120 * MINUTE_MS), scene);
      return {
        event: { time: now.toISOString() },
        after: async () => (await sweepOn(now, scene)) ?? (await otherwise(people, scene)),
      };
    },
  },
];

type Person = ReturnType<typeof commandFor>;

/** One for each case. */
async function peopleOf(turn: number, then: Date, scene: Scene): Promise<readonly Person[]> {
  const { ledger } = scene;
  const some = CASES.map((_case, index) => commandFor(`sweep-${turn}-${index}`));
  for (const person of some) await ledger.claim(person, then);
  const { entries } = await ledger.page(undefined, some.length);
  const people = entries.flatMap(({ id }) => some.find((person) => person.id === id) ?? []);
  for (const [index, person] of people.entries()) await make(person, CASES[index] as Case, { ...scene, then });
  return people;
}

async function make(person: Person, is: Case, { stage, ledger, then }: Scene & { readonly then: Date }) {
  await stage.sim(`contacts/${person.email}`, 'PUT', { optedOut: is.isInHubSpot });
  if (is.isUnread) await stage.sim('faults', 'POST', [{ match: person.email, method: 'GET', status: 503 }]);
  if (!is.receipt) return;
  const outcome = { kind: 'confirmed', evidence: 'response', changed: true } as const;
  const receipt = is.receipt === 'signed' ? await ledger.receipts.sign(person, { outcome, closedAt: then }) : undefined;
  await ledger.complete(person, { attempt: 1, outcome, ...(receipt && { signedReceipt: receipt }) }, then);
}

/** The runs after it. Gives what became of the walk, if it was begun anew or is not done. */
async function sweepOn(now: Date, { stage, others, ledger }: Scene): Promise<string | undefined> {
  await stage.sim('faults', 'POST', []);
  const known = await ledger.loadCursor('scan');
  for (const minutes of NEXT_RUNS_MINUTES) {
    const time = new Date(now.getTime() + minutes * MINUTE_MS).toISOString();
    await others.run('sweep', { time });
    await others.deliverAll();
    const walk = (await ledger.loadCursor('scan')) as { readonly beganAt: string; readonly isDone: boolean };
    if (!walk.isDone) return 'the walk is not done';
    if (known && walk.beganAt !== now.toISOString()) return 'the walk was begun anew';
  }
  return undefined;
}

/** What is not as it should be: how each ended, what its receipt says, and how often HubSpot was told. */
async function otherwise(people: readonly Person[], { ledger, writesOf }: Scene): Promise<string | undefined> {
  const entries = (await Promise.all(people.map(({ id }) => ledger.find(id)))).flatMap((entry) => entry ?? []);
  const keys = await ledger.receipts.publicKeys();
  const receipts = await Promise.all(entries.map(({ signedReceipt = '' }) => verifyReceipt(signedReceipt, keys)));
  const ended = entries.map((entry) => wordsOf({ ...entry, outcome: 'confirmed' }));
  return otherThan(
    { states: people.map(() => 'confirmed'), receipts: ended, writes: CASES.map(({ writes }) => writes) },
    {
      states: entries.map(({ state }) => state),
      receipts: receipts.map((receipt) => receipt && wordsOf(receipt)),
      writes: await Promise.all(people.map(({ email }) => writesOf(email))),
    },
  );
}

type Words = Pick<Entry, 'id' | 'closedAt' | 'evidence' | 'changed'> & { readonly outcome: string };

/** What a receipt and its entry have in common. */
function wordsOf({ id, closedAt, outcome, evidence, changed }: Words) {
  return [id, closedAt, outcome, evidence, changed];
}
