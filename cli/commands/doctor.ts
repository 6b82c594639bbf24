import { parseArgs } from 'node:util';
import type { Command, Streams } from '../command.ts';
import { EXIT } from '../command.ts';
import { checkEnvironment, checkPublicUrl } from '../doctor/environment.ts';
import type { Finding } from '../doctor/finding.ts';
import { checkHubSpot } from '../doctor/hubspot.ts';
import { checkLedger } from '../doctor/ledger.ts';
import { checkQueues } from '../doctor/queue.ts';
import { checkSecrets } from '../doctor/secrets.ts';
import { takeEnvironment } from '../environment.ts';
import { countOf } from '../terminal/format.ts';
import { write } from '../terminal/output.ts';
import { tableOf } from '../terminal/table.ts';

const HELP = `relay doctor: looks whether everything is as it must be, changes nothing, and says what to mend

  relay doctor [options]

  --json         a JSON object a line: {"check", "result": "ok" | "warning" | "fault", "says", "fix"?}
  --env <file>   KEY=value lines: all variables of the functions and AWS_…, in place of those in the environment

Examples
  npm run -s relay -- doctor --env .local/env
  npm run -s relay -- doctor --json | jq 'select(.result != "ok")'

It looks at the environment, the public address, the queue and its dead letters, the ledger, the four secrets (their form alone),
and at HubSpot: the token and its scopes, the tier, the version in use and the limits. HubSpot gets four calls, about nobody
(doctor@example.com), that change nothing.
Exit codes: 0 no fault, 1 one at least, 2 called in a way it does not know.
`;

/** `relay doctor`: what is wrong with a deployed relay. */
export const doctor: Command = { summary: 'looks whether all is set up well, and what to mend', help: HELP, run };

const OPTIONS = { json: { type: 'boolean' }, env: { type: 'string' } } as const;

async function run(args: readonly string[], { stdout }: Streams): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  takeEnvironment(values.env);
  const checks = [checkPublicUrl(), checkQueues(), checkLedger(), checkSecrets(), checkHubSpot(new Date())];
  const findings = [...checkEnvironment(), ...(await Promise.all(checks)).flat()];
  const texts = values.json
    ? findings.map((finding) => `${JSON.stringify(finding)}\n`)
    : forPeople(findings, stdout.columns);
  await write(texts, { stdout });
  return findings.some(({ result }) => result === 'fault') ? EXIT.failed : EXIT.ok;
}

const MARKS = { ok: 'ok', warning: 'look', fault: 'FAULT' } as const;

function forPeople(findings: readonly Finding[], columns: number | undefined): readonly string[] {
  const rows = findings.map(({ check, result, says, fix }) => [
    check,
    MARKS[result],
    fix === undefined ? says : `${says}\n→ ${fix}`,
  ]);
  const faults = findings.filter(({ result }) => result === 'fault').length;
  return [
    tableOf({ head: ['what', '', 'seen'], rows, columns }),
    faults > 0 ? `${countOf(faults, 'fault')}.\n` : 'No fault.\n',
  ];
}
