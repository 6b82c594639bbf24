import { enableCompileCache } from 'node:module';
import process from 'node:process';

// Without the cache, a third of the start goes into compiling.
enableCompileCache();
const { runRelay } = await import('./run.ts');

process.exitCode = await runRelay(process.argv.slice(2), process);
