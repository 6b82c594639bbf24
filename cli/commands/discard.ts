import type { Entry } from '../../functions/core/ledger/ledger.ts';
import type { Context } from '../context.ts';
import { defineHeldCommand } from '../entries/held-command.ts';
import { mapConcurrently } from '../map-concurrently.ts';

export const discard = defineHeldCommand({
  name: 'discard',
  summary: 'drops held opt-outs without sending them to HubSpot',
  done: 'discarded',
  examples: ['discard --env .local/env cT2VaBUixm', 'discard --source generic --after 2026-11-23T14:00:00Z --yes'],
  notes: [
    'Use it for opt-outs from a wrong file or a malfunctioning sender. A discarded opt-out stays in the ledger as held, with the ' +
      'time when it was discarded. It is no longer listed or counted, and cannot be released. If the same event arrives ' +
      'again, it is a duplicate.',
  ],
  action: discardAll,
});

const CONCURRENCY = 40;

async function discardAll(entries: readonly Entry[], { operatorLedger }: Context): Promise<number> {
  const discarding = mapConcurrently(entries, CONCURRENCY, ({ id }) => operatorLedger.discard(id, new Date()));
  return (await Array.fromAsync(discarding)).filter(Boolean).length;
}
