import { createHash } from 'node:crypto';
import process from 'node:process';

/** The CPU time of `calibrate` on the machine for which the limits are stated: an AMD EPYC core of 2024. */
const CALIBRATION_MS = 20;

/** CPU time that this process takes until `run` is done. */
export async function cpuMsOf(run: () => Promise<void> | void): Promise<number> {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** How many times slower this process runs than the machine for which the limits are stated. */
export async function slownessOf(): Promise<number> {
  let ms = Number.POSITIVE_INFINITY;
  for (let times = 0; times < 3; times += 1) ms = Math.min(ms, await cpuMsOf(calibrate));
  return ms / CALIBRATION_MS;
}

const TEXT = JSON.stringify(Array.from({ length: 10_000 }, (_none, at) => ({ at, text: `"${at}"` })));

/** A fixed amount of the work that requests consist of: bytes, hashes and JSON. */
function calibrate(): void {
  const bytes = Buffer.from(TEXT.repeat(2));
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 1) sum = (sum + (bytes[at] ?? 0)) % 65_536;
  createHash('sha256').update(bytes).update(String(sum)).digest();
  for (let times = 0; times < 3; times += 1) JSON.parse(TEXT);
}
