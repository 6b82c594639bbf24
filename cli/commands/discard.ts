import type { Entry } from '../../functions/core/ledger/ledger.ts';
import type { Command } from '../command.ts';
import type { Context } from '../context.ts';
import { choiceHelp, onHeld } from '../entries/held-command.ts';
import { inOrder } from '../map-concurrently.ts';

const HELP = `relay discard: drops what is held and wrong; HubSpot is never told

${choiceHelp('discard', 'discarded')}
Examples
  npm run -s relay -- discard --env .local/env cT2VaBUixm
  npm run -s relay -- discard --source generic --after 2026-11-23T14:00:00Z --yes

For a wrong file or a sender that went mad: it stays in the ledger as it was held, with the time of this word, is listed and
counted no more, and cannot be released later. The same event, coming again, is a duplicate. Times without a zone are UTC.
"passed over" is what somebody else has released or discarded meanwhile, or what was forgotten.
Exit codes: 0 all discarded, 1 some passed over or it failed, 2 called in a way it does not know.
`;

/** `relay discard`: drops what is held. */
export const discard: Command = {
  summary: 'drops what is held and wrong',
  help: HELP,
  run: (args, streams) => onHeld(args, streams, { done: 'discarded', act: discardAll }),
};

const AT_ONCE = 40;

async function discardAll(entries: readonly Entry[], { operatorLedger }: Context): Promise<number> {
  const done = await Array.fromAsync(inOrder(entries, AT_ONCE, ({ id }) => operatorLedger.discard(id, new Date())));
  return done.filter(Boolean).length;
}
