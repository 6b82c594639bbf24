import { relayConfig } from '../../relay.config.ts';
import { EXIT } from '../command.ts';
import { defineCommand, flag, jsonOption, option } from '../define-command.ts';
import { checkConcurrency } from '../doctor/concurrency.ts';
import { checkEnvironment, checkPublicUrl } from '../doctor/environment.ts';
import type { Finding } from '../doctor/finding.ts';
import { checkHubSpot } from '../doctor/hubspot.ts';
import { checkLedger } from '../doctor/ledger.ts';
import { checkPages } from '../doctor/pages.ts';
import { checkQueues } from '../doctor/queue.ts';
import { checkSecrets } from '../doctor/secrets.ts';
import { checkNextVersions } from '../doctor/versions.ts';
import { loadEnvFile } from '../environment.ts';
import { formatCount } from '../terminal/format.ts';
import { jsonLines, write } from '../terminal/output.ts';
import { tableOf } from '../terminal/table.ts';

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'checks the configuration and says how to fix it',
  options: {
    json: jsonOption('{"check", "result": "ok" | "warning" | "fault", "message", "fix"?}, one object a line'),
    'next-version': flag('also read a status with each later API version, and compare the responses'),
    env: option('file', 'read all variables of the functions and AWS_… from a file of KEY=value lines'),
  },
  examples: ['doctor --env .local/env', `doctor --json | jq 'select(.result != "ok")'`],
  notes: [
    'It checks the environment, the public URL and pages, the Lambda quota, the queue and its dead letters, the ledger, the format of the four secrets, and ' +
      "HubSpot: the token and its scopes, the account's tier, brands and lists, the API version and the rate limits. It changes " +
      'nothing. HubSpot gets four read calls about doctor@example.com, a reserved address; --next-version makes up to three more.',
  ],
  failure: 'at least one fault, or it failed',
  async run({ values }, { stdout }) {
    loadEnvFile(values.env);
    const checks = [
      checkPublicUrl(),
      checkConcurrency(),
      checkQueues(),
      checkLedger(),
      checkSecrets(),
      checkHubSpot(new Date()),
    ];
    if (values['next-version']) checks.push(checkNextVersions());
    const findings = [...checkEnvironment(), ...checkPages(relayConfig.themes), ...(await Promise.all(checks)).flat()];
    await write(values.json ? jsonLines(findings) : report(findings, stdout.columns), { stdout });
    return findings.some(({ result }) => result === 'fault') ? EXIT.failed : EXIT.ok;
  },
});

const LABELS = { ok: 'ok', warning: 'warning', fault: 'FAULT' } as const;

function report(findings: readonly Finding[], columns: number | undefined): readonly string[] {
  const rows = findings.map(({ check, result, message, fix }) => [
    check,
    LABELS[result],
    fix === undefined ? message : `${message}\n→ ${fix}`,
  ]);
  const faults = findings.filter(({ result }) => result === 'fault').length;
  const total = faults > 0 ? formatCount(faults, 'fault') : 'No faults';
  return [tableOf({ head: ['check', 'result', 'details'], rows, columns }), `${total}.\n`];
}
