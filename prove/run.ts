import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import type { ProofResult } from './harness/proof.ts';
import { PROOFS } from './proofs.ts';

type TimedResult = ProofResult & { readonly seconds: number };

/** The proofs are about the defaults, not about your own configuration. */
process.env['RELAY_CONFIG'] = fileURLToPath(new URL('../relay.config.example.ts', import.meta.url));

/** `npm run prove`: runs the named proofs, or all, and prints a table. Exits with 1 if a promise was broken. */
async function main(selected: readonly string[]): Promise<number> {
  const names = Object.keys(PROOFS);
  const unknown = selected.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`unknown proof: ${unknown}. The proofs are ${names.join(', ')}`);
  const results: TimedResult[] = [];
  for (const name of selected.length > 0 ? selected : names) results.push(await runTimed(name));
  print(results);
  return results.some(isBroken) ? 1 : 0;
}

const isBroken = ({ violations }: ProofResult): boolean => violations.length > 0;

async function runTimed(name: string): Promise<TimedResult> {
  process.stderr.write(`${name} … `);
  const startedAt = performance.now();
  const result = await runInProcess(name);
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  process.stderr.write(`${isBroken(result) ? 'BROKEN' : 'holds'}, ${seconds} s\n`);
  return { ...result, seconds };
}

const VIOLATIONS_SHOWN = 20;

function print(results: readonly TimedResult[]): void {
  for (const { name, figures, violations, table } of results) {
    console.log(`${name}: ${figuresOf(figures)}`);
    if (table) printTable(table.head, table.rows);
    for (const violation of violations.slice(0, VIOLATIONS_SHOWN)) console.log(`  VIOLATED: ${violation}`);
  }
  printTable(
    ['promise', 'proof', 'cases', 'violations', 'seconds'],
    results.map(({ promise, name, cases, violations, seconds }) => {
      return [promise, name, cases.toLocaleString('en'), `${violations.length}`, `${seconds}`];
    }),
  );
}

function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const table = new Table({ head: [...head], style: { head: [], border: [] } });
  table.push(...rows.map((row) => [...row]));
  console.log(table.toString());
}

/** An in-memory folder, used if it exists: the proofs are not about the speed of the disk. */
const MEMORY_DIR = '/dev/shm';

/** Runs a proof in its own process. If it exits without a result, that is a violation. */
async function runInProcess(name: string): Promise<ProofResult> {
  const env = { ...process.env, ...(existsSync(MEMORY_DIR) ? { TMPDIR: MEMORY_DIR } : {}) };
  const child = fork(fileURLToPath(new URL('run-one.ts', import.meta.url)), [name], { env });
  const results: ProofResult[] = [];
  child.on('message', (result: ProofResult) => results.push(result));
  const [code] = await once(child, 'exit');
  const failed = {
    promise: '',
    name,
    cases: 0,
    violations: [`the process exited with ${code} without a result`],
    figures: {},
  };
  return results[0] ?? failed;
}

function figuresOf(figures: ProofResult['figures']): string {
  return Object.entries(figures)
    .map(([name, figure]) => `${name} ${typeof figure === 'number' ? figure.toLocaleString('en') : figure}`)
    .join(', ');
}

process.exitCode = await main(process.argv.slice(2));
