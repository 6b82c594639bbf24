import type { Entry } from '../../functions/core/ledger/ledger.ts';
import { EXIT } from '../command.ts';
import { CONTEXT_ENV, createContext } from '../context.ts';
import { defineCommand, jsonOption, option } from '../define-command.ts';
import { exportedEntry } from '../entries/fields.ts';
import { listingOf } from '../entries/listing.ts';
import { selectEntries } from '../entries/select.ts';
import { formatCount } from '../terminal/format.ts';
import { jsonLines, write } from '../terminal/output.ts';

export const held = defineCommand({
  name: 'held',
  summary: 'lists opt-outs that wait for your decision, oldest first',
  options: {
    source: option('name', 'only from this source'),
    json: jsonOption('one object a line, with every ledger field'),
    env: CONTEXT_ENV,
  },
  examples: ['held --env .local/env', 'held --source sendgrid --json | jq -r .id'],
  notes: [
    'Reason "surge-limit": the source reported more bounces, imports or generic signals within an hour than "surgeLimit" in ' +
      'relay.config.ts allows. Reason "ambiguous": the sender named several recipients but meant one of them.',
    '"relay release <id>" sends an opt-out to HubSpot. "relay discard <id>" drops it.',
  ],
  async run({ values }, { stdout }) {
    const { operatorLedger } = createContext(values.env);
    const entries = await selectEntries(operatorLedger, 'held', { source: values.source });
    await write(values.json ? jsonLines(entries.map(exportedEntry)) : report(entries, stdout.columns), { stdout });
    return EXIT.ok;
  },
});

function report(entries: readonly Entry[], columns: number | undefined): readonly string[] {
  if (entries.length === 0) return ['No opt-outs are held.\n'];
  const [it, total] = [entries.length === 1 ? 'it' : 'one', formatCount(entries.length, 'held opt-out')];
  const next = `To send ${it} to HubSpot: relay release <id>. To drop ${it}: relay discard <id>.`;
  return [listingOf(entries, columns), `${total}. ${next}\n`];
}
