import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import type { Proven } from './harness/proof.ts';
import { HEAP_MB, PROOFS } from './proofs.ts';

type Timed = Proven & { readonly seconds: number };

/** `npm run prove`: every proof, or those that are named, then one table. Exits with 1 if a promise was broken. */
async function main(asked: readonly string[]): Promise<number> {
  const known = Object.keys(PROOFS);
  const stranger = asked.find((name) => !known.includes(name));
  if (stranger !== undefined) throw new Error(`there is no proof ${stranger}; there are ${known.join(', ')}`);
  const all: Timed[] = [];
  for (const name of asked.length > 0 ? asked : known) all.push(await timed(name));
  print(all);
  return all.some(isBroken) ? 1 : 0;
}

const isBroken = ({ violations }: Proven): boolean => violations.length > 0;

async function timed(name: string): Promise<Timed> {
  process.stderr.write(`${name} … `);
  const startedAt = performance.now();
  const proven = await proveApart(name);
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  process.stderr.write(`${isBroken(proven) ? 'BROKEN' : 'holds'}, ${seconds} s\n`);
  return { ...proven, seconds };
}

const VIOLATIONS_SHOWN = 20;

function print(all: readonly Timed[]): void {
  for (const { name, figures, violations } of all) {
    console.log(`${name}: ${figuresOf(figures)}`);
    for (const how of violations.slice(0, VIOLATIONS_SHOWN)) console.log(`  VIOLATED: ${how}`);
  }
  const table = new Table({
    head: ['promise', 'proof', 'cases tried', 'violations', 'seconds'],
    style: { head: [], border: [] },
  });
  for (const { promise, name, cases, violations, seconds } of all) {
    table.push([promise, name, cases.toLocaleString('en'), violations.length, seconds]);
  }
  console.log(table.toString());
}

/** A folder that is no disk, where there is one: what is proven is not how quickly that writes. */
const MEMORY = '/dev/shm';

/** A proof that ends without a word is broken, too. */
async function proveApart(name: string): Promise<Proven> {
  const heap = HEAP_MB[name];
  const execArgv = heap === undefined ? [] : [`--max-old-space-size=${heap}`];
  const env = { ...process.env, ...(existsSync(MEMORY) ? { TMPDIR: MEMORY } : {}) };
  const child = fork(fileURLToPath(new URL('one.ts', import.meta.url)), [name], { execArgv, env });
  const told: Proven[] = [];
  child.on('message', (proven: Proven) => told.push(proven));
  const [code] = await once(child, 'exit');
  const broken = {
    promise: '',
    name,
    cases: 0,
    violations: [`it ended with ${code} and without a result`],
    figures: {},
  };
  return told[0] ?? broken;
}

function figuresOf(figures: Proven['figures']): string {
  return Object.entries(figures)
    .map(([name, figure]) => `${name} ${typeof figure === 'number' ? figure.toLocaleString('en') : figure}`)
    .join(', ');
}

process.exitCode = await main(process.argv.slice(2));
