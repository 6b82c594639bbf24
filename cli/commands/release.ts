import { defineHeldCommand } from '../entries/held-command.ts';
import { reopenAll } from '../queue/reopen.ts';

export const release = defineHeldCommand({
  name: 'release',
  summary: 'sends held opt-outs to HubSpot',
  done: 'released',
  examples: [
    'release --env .local/env cT2VaBUixm',
    'release --source sendgrid --after 2026-11-23 --before 2026-11-23T15:00:00Z --yes',
  ],
  notes: ['A released opt-out is not held again. A newer opt-in at HubSpot still takes precedence over it.'],
  action: (entries, context) => reopenAll(entries, 'held', context),
});
