import { existsSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { invoke, loadHandler } from '../../local/lambda.ts';
import { stubCertificates } from './certificates.ts';
import { cpuMsOf, slownessOf } from './cpu-time.ts';

/** What one invocation did. */
export interface Invoked {
  /** The response, or the message of the error that the function threw. */
  readonly response: unknown;
  readonly cpuMs: number;
  /** The most memory that the process has taken so far. */
  readonly peakMb: number;
  /** Whether `Object.prototype` has been changed. */
  readonly isPolluted: boolean;
}

const STATUS = '/proc/self/status';

/** Linux lets the `maxRSS` of a child begin with that of its parent, but not `VmHWM`. */
function peakMb(): number {
  const [, kilobytes] = existsSync(STATUS) ? (/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(STATUS, 'utf8')) ?? []) : [];
  return Math.round(Number(kilobytes ?? process.resourceUsage().maxRSS) / 1024);
}

/** Runs a function for `startFunction`: sends one message when it is loaded, and one for each event. */
const [, , name = ''] = process.argv;
stubCertificates();
const handler = await loadHandler(name);
process.on('message', async (message: { readonly event?: unknown }) => {
  if (!('event' in message)) return process.send?.(await slownessOf());
  let response: unknown;
  const cpuMs = await cpuMsOf(async () => {
    response = await invoke(name, handler, message.event).catch(String);
  });
  return process.send?.({ response, cpuMs, peakMb: peakMb(), isPolluted: 'polluted' in {} } satisfies Invoked);
});
process.on('disconnect', () => process.exit());
process.send?.('loaded');
