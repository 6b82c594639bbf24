#!/usr/bin/env node
import { existsSync } from 'node:fs';
import process from 'node:process';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
// In a clone, the command runs from its sources, with the relay.config.ts beside them. The npm package has a bundle instead.
const sources = new URL('relay.ts', import.meta.url);

if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(`relay: Node.js 22.18 or later is needed, and this is ${process.version}\n`);
  process.exitCode = 2;
} else await import(existsSync(sources) ? sources.href : '../dist/relay.mjs');
