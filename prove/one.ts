import process from 'node:process';
import { PROOFS } from './proofs.ts';

/** A process of its own for one proof: every relay has the environment and the memory for itself. */
const [, , name = ''] = process.argv;
const prove = PROOFS[name];
if (!prove) throw new Error(`there is no proof ${name}`);
const proven = await prove();
process.send?.(proven, undefined, undefined, () => process.exit());
