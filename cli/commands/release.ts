import type { Command } from '../command.ts';
import { choiceHelp, onHeld } from '../entries/held-command.ts';
import { reopenAll } from '../queue/reopen.ts';

const HELP = `relay release: lets go what is held, so that HubSpot is told

${choiceHelp('release', 'released')}
Examples
  npm run -s relay -- release --env .local/env cT2VaBUixm
  npm run -s relay -- release --source sendgrid --after 2026-11-23 --before 2026-11-23T15:00:00Z --yes

What is let go is not held again. A newer opt-in at HubSpot still wins over it. Times without a zone are UTC. "passed over"
is what somebody else has released meanwhile, or what was forgotten.
Exit codes: 0 all let go, 1 some passed over or it failed, 2 called in a way it does not know.
`;

/** `relay release`: lets go what is held. */
export const release: Command = {
  summary: 'lets go what is held',
  help: HELP,
  run: (args, streams) =>
    onHeld(args, streams, { done: 'released', act: (entries, books) => reopenAll(entries, 'held', books) }),
};
