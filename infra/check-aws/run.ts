import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { faultsIn, readAccepted } from './accepted.ts';
import { rejectedCommands } from './docs-commands.ts';
import { testsOnMoto } from './on-moto.ts';
import { createEnvironment, findPython, Unavailable } from './python.ts';
import { cfnLint, checkov } from './scan.ts';
import { packageStages } from './stages.ts';

/** One check: what it is about, and the faults that it found. */
interface Result {
  readonly summary: string;
  readonly faults: readonly string[];
}

interface Check {
  readonly name: string;
  readonly run: () => Promise<Result>;
}

const FOLDER = join(import.meta.dirname, '../../.local/check-aws');
mkdirSync(FOLDER, { recursive: true });

/** The Python packages are installed while the stages are packaged. */
const python = findPython();
const environment = (name: string) => python.then((command) => createEnvironment(command, name, FOLDER));
const [tools, scanner] = [environment('aws'), environment('checkov')];
const stages = packageStages(FOLDER);
// Each check awaits what it needs, and reports its failure.
for (const promise of [python, tools, scanner, stages]) promise.catch(() => undefined);

const CHECKS: readonly Check[] = [
  {
    name: 'package',
    run: async () => ({ summary: `${(await stages).map(({ name }) => name).join(', ')}`, faults: [] }),
  },
  {
    name: 'cfn-lint',
    run: async () => ofTemplates(await cfnLint(await tools, await stages), readAccepted('cfn-lint')),
  },
  {
    name: 'docs',
    run: async () => {
      const { count, lines } = await rejectedCommands(await tools);
      return { summary: `${count} commands of the AWS CLI`, faults: lines };
    },
  },
  { name: 'moto', run: async () => testsOnMoto(await tools, FOLDER) },
  {
    name: 'checkov',
    run: async () => ofTemplates(await checkov(await scanner, await stages), readAccepted('checkov')),
  },
];

function ofTemplates(...[findings, accepted]: Parameters<typeof faultsIn>): Result {
  return { summary: `${findings.length} findings`, faults: faultsIn(findings, accepted) };
}

/** Runs a check and prints its result. Returns whether it passed or was left out. */
async function passes({ name, run }: Check): Promise<boolean> {
  try {
    const { summary, faults } = await run();
    for (const fault of faults) console.log(`FAIL  ${name}: ${fault}`);
    console.log(`${faults.length > 0 ? 'FAIL' : 'ok  '}  ${name}: ${summary}, ${faults.length} faults`);
    return faults.length === 0;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const isLeftOut = error instanceof Unavailable;
    console.log(`${isLeftOut ? 'left out' : 'FAIL'}  ${name}: ${error.message}`);
    return isLeftOut;
  }
}

for (const check of CHECKS) if (!(await passes(check))) process.exitCode = 1;
