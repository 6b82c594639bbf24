import process from 'node:process';
import { PROOFS } from './proofs.ts';

/** Runs one proof in this process, and sends its result to the parent: each proof needs its own environment and memory. */
const [, , name = ''] = process.argv;
const prove = PROOFS[name];
if (!prove) throw new Error(`unknown proof: ${name}`);
const result = await prove();
process.send?.(result, undefined, undefined, () => process.exit());
