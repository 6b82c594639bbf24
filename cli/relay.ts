import process from 'node:process';
import { runRelay } from './run.ts';

process.exitCode = await runRelay(process.argv.slice(2), process);
