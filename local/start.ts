import { enableCompileCache } from 'node:module';
import process from 'node:process';

function explain(error: unknown): string {
  const { code, port, message } = error as { code?: string; port?: number; message?: string };
  if (code !== 'EADDRINUSE') return `optout-relay cannot start: ${message}`;
  return `Port ${port} is in use. Stop the program that uses it, or set PORT or HUBSPOT_PORT to a free port.`;
}

function requireNode(): void {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return;
  throw new Error(
    `Node ${process.versions.node} is too old. Run "npm ci", which installs a newer one, and then "npm start".`,
  );
}

// `npm start`. The version of Node is checked before anything is loaded that an older one cannot run.
try {
  requireNode();
  // Without the cache, a third of the start goes into compiling.
  enableCompileCache();
  const { main } = await import('./main.ts');
  await main();
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exit(1);
}
