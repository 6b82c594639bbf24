import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

const ROOT = join(import.meta.dirname, '../..');

/** Tests of `npm test` that run again on moto. */
const FILES = [
  'test/aws/dynamodb',
  'test/aws/sqs.test.ts',
  'test/aws/queue-handler.test.ts',
  'test/local/main-job.test.ts',
  'test/local/mailbox.test.ts',
  'test/local/events.test.ts',
];

/** Parts of the names of tests in these files that moto cannot run. docs/contributing/emulators.md has the reasons. */
const LEFT_OUT = [
  // PutPartnerEvents is not implemented.
  'Salesforce',
  'SES through EventBridge',
  'if SES sends it through EventBridge and SNS',
  'for a delivery event of SES',
  'for a change of something else',
  'for an opt-in',
  'for a bounce without recipients',
  'for an opt-out without an address',
  // An event on an unknown bus is an error.
  'for an event on another bus',
  // Nothing reads the bus.
  'the result bus',
];

/** Runs the tests on moto. Each failed test is a fault. The report is written to `folder`. */
export async function testsOnMoto(bin: string, folder: string) {
  const moto = spawn(join(bin, 'python'), [join(import.meta.dirname, 'serve_moto.py')], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    return await tested(await urlOf(moto), join(folder, 'moto.json'));
  } finally {
    moto.kill('SIGKILL');
  }
}

async function urlOf(moto: ChildProcess): Promise<string> {
  const lines: readonly unknown[] = await Promise.race([
    once(moto.stdout ?? moto, 'data'),
    once(moto, 'exit').then(() => []),
  ]);
  if (lines.length === 0) throw new Error('moto did not start');
  return String(lines[0]).trim();
}

async function tested(url: string, file: string) {
  rmSync(file, { force: true });
  const args = [
    'run',
    ...FILES,
    '--no-file-parallelism',
    '--reporter=json',
    `--outputFile=${file}`,
    '-t',
    `^(?!.*(${LEFT_OUT.join('|')}))`,
  ];
  const vitest = spawn(process.execPath, [join(ROOT, 'node_modules/vitest/vitest.mjs'), ...args], {
    cwd: ROOT,
    env: { ...process.env, TEST_AWS_ENDPOINT: url },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await once(vitest, 'close');
  const report: Report = JSON.parse(readFileSync(file, 'utf8'));
  if (report.numPassedTests === 0) throw new Error('no test passed on moto');
  const failed = report.testResults.flatMap(({ assertionResults, message, status }) => {
    const tests = assertionResults.filter((test) => test.status === 'failed');
    const broken = status === 'failed' && tests.length === 0 ? [message] : [];
    return [...broken, ...tests.map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages[0]}`)];
  });
  return { summary: `${report.numPassedTests} tests`, faults: failed };
}

interface Report {
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}
