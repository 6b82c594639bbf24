import type { Streams } from '../command.ts';
import { EXIT, UsageError } from '../command.ts';
import { CONTEXT_ENV, createContext } from '../context.ts';
import type { Parsed } from '../define-command.ts';
import { defineCommand, flag, jsonOption, option, YES } from '../define-command.ts';
import { PERIOD, periodOf, printChanged } from '../entries/held-command.ts';
import { selectEntries } from '../entries/select.ts';
import { requireEnvironment } from '../environment.ts';
import { reopenAll } from '../queue/reopen.ts';
import { confirm } from '../terminal/confirm.ts';
import { formatCount } from '../terminal/format.ts';
import { write } from '../terminal/output.ts';

const OPTIONS = {
  source: option('name', 'only from this source'),
  ...PERIOD,
  'dry-run': flag('count them, and change nothing'),
  yes: YES,
  json: jsonOption('{"applied", "skipped"}; with --dry-run, {"observed"}'),
  env: CONTEXT_ENV,
} as const;

export const apply = defineCommand({
  name: 'apply',
  summary: 'sends to HubSpot what observe mode recorded',
  options: OPTIONS,
  examples: ['apply --env .local/env --dry-run', 'apply --source sendgrid --yes'],
  notes: [
    'Deploy with the parameter mode set to live first. While RELAY_MODE is observe, nothing is sent.',
    'HubSpot is asked before each write, since the opt-outs are old: a newer opt-in wins, and an opt-out that HubSpot has by ' +
      'now changes nothing. More than a hundred go to the bulk queue, so that new opt-outs do not wait for them.',
    'An opt-out that was applied or erased in the meantime is skipped. Times without a zone are UTC.',
  ],
  failure: 'some were skipped, or it failed',
  run,
});

async function run({ values }: Parsed<typeof OPTIONS>, streams: Streams): Promise<number> {
  const isDry = values['dry-run'] ?? false;
  const context = createContext(values.env);
  const { RELAY_MODE: mode } = requireEnvironment(values.env, 'RELAY_MODE');
  if (mode === 'observe' && !isDry) throw new UsageError('RELAY_MODE is observe: deploy with mode=live first');
  const entries = await selectEntries(context.operatorLedger, 'observed', {
    source: values.source,
    ...periodOf(values),
  });
  if (isDry) {
    const text = `${formatCount(entries.length, 'observed opt-out')}. Nothing was changed. To send them, run it without --dry-run.`;
    await write([`${values.json ? JSON.stringify({ observed: entries.length }) : text}\n`], streams);
    return EXIT.ok;
  }
  const change = { count: entries.length, noun: 'opt-out', isConfirmed: values.yes };
  if (!(await confirm(change, streams))) return EXIT.failed;
  const count = await reopenAll(entries, 'observed', context);
  const changed = { name: 'applied', done: 'sent to the queue', count, skipped: entries.length - count };
  return printChanged(changed, values.json ?? false, streams);
}
