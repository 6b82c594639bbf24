import type { Entry } from '../../functions/core/ledger/ledger.ts';
import { commandOf } from '../../functions/core/ledger/ledger.ts';
import { Misconfigured } from '../../functions/core/model/errors.ts';
import { endingOf } from '../../functions/core/reconcile/missing-receipts.ts';
import { EXIT, UsageError } from '../command.ts';
import type { Context } from '../context.ts';
import { CONTEXT_ENV, createContext } from '../context.ts';
import { defineCommand, jsonOption, option, YES } from '../define-command.ts';
import { selectEntries } from '../entries/select.ts';
import { mapConcurrently } from '../map-concurrently.ts';
import { confirm } from '../terminal/confirm.ts';
import { formatCount } from '../terminal/format.ts';
import { write } from '../terminal/output.ts';

export const resolve = defineCommand({
  name: 'resolve',
  summary: 'closes rejected opt-outs that you dealt with by hand',
  usage: [['<id…>', 'these; the first six characters of an id are enough']],
  options: {
    note: option('text', 'what you did, in up to 200 characters and without an address: an erasure would not reach it'),
    yes: YES,
    json: jsonOption('{"resolved", "skipped"}'),
    env: CONTEXT_ENV,
  },
  examples: [`resolve --env .local/env cT2VaBUixm --note 'opted out in HubSpot, ticket 4711'`],
  notes: [
    'The opt-out stays rejected, because HubSpot has not confirmed it to the relay. It is no longer listed or counted, and cannot be ' +
      'retried. The time and the note are in the ledger, and in a new signed receipt.',
    'An opt-out that was retried, resolved or erased in the meantime is skipped. Put "--" before an id that begins with "-".',
  ],
  failure: 'some were skipped, or it failed',
  async run({ values, positionals: ids }, streams) {
    const note = requireNote(values.note);
    if (ids.length === 0) throw new UsageError('expected an id');
    const context = createContext(values.env);
    const entries = await selectEntries(context.operatorLedger, 'rejected', { ids });
    const change = { count: entries.length, noun: 'opt-out', isConfirmed: values.yes };
    if (!(await confirm(change, streams))) return EXIT.failed;
    const resolving = mapConcurrently(entries, CONCURRENCY, (entry) => resolveEntry(entry, note, context));
    const resolved = (await Array.fromAsync(resolving)).filter(Boolean).length;
    const skipped = entries.length - resolved;
    const text = `${formatCount(resolved, 'opt-out')} resolved${skipped > 0 ? `, ${skipped} skipped` : ''}.`;
    await write([`${values.json ? JSON.stringify({ resolved, skipped }) : text}\n`], streams);
    return skipped > 0 ? EXIT.failed : EXIT.ok;
  },
});

const CONCURRENCY = 16;
const MAX_NOTE = 200;

/** The note is signed, so that nobody could erase an address from it. */
function requireNote(text = ''): string {
  const note = text.trim();
  if (note === '') throw new UsageError("--note is missing: say what you did, such as 'opted out in HubSpot'");
  if (note.length > MAX_NOTE) throw new UsageError(`--note has more than ${MAX_NOTE} characters`);
  if (note.includes('@')) throw new UsageError('--note contains an address, which relay erase could not remove');
  return note;
}

async function resolveEntry(entry: Entry, note: string, { operatorLedger, receipts }: Context): Promise<boolean> {
  const [optOut, ending] = [commandOf(entry), endingOf(entry)];
  if (!optOut || !ending) return false;
  const resolution = { resolvedAt: new Date().toISOString(), note };
  const signedReceipt = await receipts.sign(optOut, { ...ending, resolution });
  if (signedReceipt === undefined) throw new Misconfigured('the receipts secret has no key to sign with');
  return operatorLedger.resolve(entry.id, { ...resolution, signedReceipt });
}
