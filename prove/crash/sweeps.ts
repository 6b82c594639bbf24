import type { Entry } from '../../functions/core/ledger/ledger.ts';
import { verifyReceipt } from '../../functions/crypto/signed-receipts.ts';
import { commandFor } from '../harness/commands.ts';
import type { Scenario, ScenarioContext } from './scenario.ts';
import { difference } from './scenario.ts';

/** An opt-out as the sweep finds it. */
interface Case {
  /** The receipt of a confirmed opt-out. If omitted, the opt-out is open and its message is lost. */
  readonly receipt?: 'signed' | 'missing';
  readonly isOptedOut: boolean;
  /** HubSpot fails once when the sweep reads this opt-out. The scan stops there and continues in the next run. */
  readonly failsOnce?: boolean;
  /** The expected number of writes to HubSpot. */
  readonly writes: number;
}

/** In the order of the scan. */
const CASES: readonly Case[] = [
  { receipt: 'missing', isOptedOut: true, writes: 0 },
  { receipt: 'signed', isOptedOut: false, writes: 1 },
  { receipt: 'signed', isOptedOut: false, failsOnce: true, writes: 1 },
  { receipt: 'signed', isOptedOut: true, writes: 0 },
  { isOptedOut: false, writes: 1 },
];

const MINUTE_MS = 60_000;
/** When the next runs happen: the regular one, and one that finds messages lost an hour ago. */
const NEXT_RUNS_MINUTES = [5, 70];

/** A scenario of a sweep that has to handle one opt-out of each case. */
export const sweeps = (context: ScenarioContext): readonly Scenario[] => [
  {
    name: 'a sweep',
    function: 'sweep',
    async begin(run) {
      const now = new Date();
      const commands = await createCases(run, new Date(now.getTime() - 120 * MINUTE_MS), context);
      return {
        event: { time: now.toISOString() },
        finish: async () => (await continueSweep(now, context)) ?? (await checkCases(commands, context)),
      };
    },
  },
];

type Command = ReturnType<typeof commandFor>;

/** Creates a ledger entry for each case, in the order of the scan. */
async function createCases(run: number, claimedAt: Date, context: ScenarioContext): Promise<readonly Command[]> {
  const { ledger } = context;
  const unordered = CASES.map((_case, index) => commandFor(`sweep-${run}-${index}`));
  for (const command of unordered) await ledger.claim(command, claimedAt);
  const { entries } = await ledger.page(undefined, unordered.length);
  const commands = entries.flatMap(({ id }) => unordered.find((command) => command.id === id) ?? []);
  for (const [index, command] of commands.entries()) {
    await createCase(command, CASES[index] as Case, { ...context, claimedAt });
  }
  return commands;
}

async function createCase(
  command: Command,
  { isOptedOut, failsOnce, receipt }: Case,
  { stage, ledger, claimedAt: closedAt }: ScenarioContext & { readonly claimedAt: Date },
) {
  await stage.sim(`contacts/${command.email}`, 'PUT', { optedOut: isOptedOut });
  if (failsOnce) await stage.sim('faults', 'POST', [{ match: command.email, method: 'GET', times: 1, status: 503 }]);
  if (!receipt) return;
  const outcome = { kind: 'confirmed', evidence: 'response', changed: true } as const;
  const signedReceipt = receipt === 'signed' ? await ledger.receipts.sign(command, { outcome, closedAt }) : undefined;
  await ledger.complete(command, { attempt: 1, outcome, ...(signedReceipt && { signedReceipt }) }, closedAt);
}

/** Runs the next sweeps. Returns what is wrong with the scan: it was restarted, or it is not done. */
async function continueSweep(now: Date, { stage, survivors, ledger }: ScenarioContext): Promise<string | undefined> {
  await stage.sim('faults', 'POST', []);
  const cursor = await ledger.loadCursor('scan');
  for (const minutes of NEXT_RUNS_MINUTES) {
    const time = new Date(now.getTime() + minutes * MINUTE_MS).toISOString();
    await survivors.run('sweep', { time });
    await survivors.deliverAll();
    const scan = (await ledger.loadCursor('scan')) as { readonly beganAt: string; readonly isDone: boolean };
    if (!scan.isDone) return 'the scan is not done';
    if (cursor && scan.beganAt !== now.toISOString()) return 'the scan was restarted';
  }
  return undefined;
}

/** Checks the state, the receipt and the number of writes of each case. */
async function checkCases(
  commands: readonly Command[],
  { ledger, writesOf }: ScenarioContext,
): Promise<string | undefined> {
  const entries = (await Promise.all(commands.map(({ id }) => ledger.find(id)))).flatMap((entry) => entry ?? []);
  const keys = await ledger.receipts.publicKeys();
  const receipts = await Promise.all(entries.map(({ signedReceipt = '' }) => verifyReceipt(signedReceipt, keys)));
  const expected = entries.map((entry) => receiptFields({ ...entry, outcome: 'confirmed' }));
  return difference(
    { states: commands.map(() => 'confirmed'), receipts: expected, writes: CASES.map(({ writes }) => writes) },
    {
      states: entries.map(({ state }) => state),
      receipts: receipts.map((receipt) => receipt && receiptFields(receipt)),
      writes: await Promise.all(commands.map(({ email }) => writesOf(email))),
    },
  );
}

type ReceiptFields = Pick<Entry, 'id' | 'closedAt' | 'evidence' | 'changed'> & { readonly outcome: string };

/** The fields that a receipt shares with its ledger entry. */
function receiptFields({ id, closedAt, outcome, evidence, changed }: ReceiptFields) {
  return [id, closedAt, outcome, evidence, changed];
}
